// Where the panels are: one fixed tiling of the surface, computed from its size.
#pragma once

#include <imgui.h>

namespace reverie::viewer {

struct Rect {
  ImVec2 position{0, 0};  // top left corner, pixels
  ImVec2 size{0, 0};      // pixels; zero: not shown
};

struct Layout {
  Rect header;
  Rect physics, dream;       // the two views, dream empty without one
  Rect left, middle, right;  // plots under them
  Rect side;                 // clock, controls
};

Layout make_layout(float width, float height, float text_size, bool has_dream);

}  // namespace reverie::viewer
