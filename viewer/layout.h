// Computes where panels are: one fixed tiling of the surface.
#pragma once

#include <imgui.h>

#include <span>
#include <vector>

namespace reverie::viewer {

struct Rect {
  ImVec2 position{0, 0};  // top left corner, pixels
  ImVec2 size{0, 0};      // pixels; zero: not shown
};

enum class Place {
  kHeader,   // line on top
  kBanner,   // line under it, which takes room only when there is a tile
  kViews,    // row of worlds as pictures
  kPlots,    // row under the views
  kSide,     // column at the right
  kWhole,    // everything under the lines on top
  kOverlay,  // over the views and plots
};

// Something that gets a rectangle. `share` says how wide it is beside the other tiles of its row.
struct Tile {
  Place place = Place::kSide;
  int share = 1;
};

// How the surface is divided.
struct Splits {
  float views_share = 0.60f;  // of the height that views and plots share
  float side_width =
      18.0f;  // of the side column, in sizes of the text; none where that is half of the surface
};

// The one of `count` equal parts of `whole`, side by side.
Rect tile_of(const Rect& whole, size_t index, size_t count);

// Rectangles of `tiles`, in the same order, on a surface of `width` by `height` pixels with text of
// `text_size` pixels. Tiles of a row stand side by side; all tiles of the side column get the whole column.
// No size is negative, however small the surface is. What would be too small to be read gets none: the column, plots, and
// the last tiles of a row, in this order.
std::vector<Rect> make_layout(std::span<const Tile> tiles, float width, float height, float text_size,
                              const Splits& splits = {});

}  // namespace reverie::viewer
