#include "viewer/layout.h"

#include <algorithm>
#include <cmath>

#include "viewer/style.h"

namespace reverie::viewer {

namespace {

constexpr float kGap = kPanelGap;
// In sizes of the text: what is narrower or lower shows nothing that can be read.
constexpr float kNarrowest = 7, kLowestPlot = 8;

// The tiles of `place` share the width of `row`; rounding goes to the last one. Of a share less wide than `least` the
// last tiles are left out.
void fill_row(std::span<const Tile> tiles, Place place, const Rect& row, std::span<Rect> rects,
              float least = 0) {
  int shares = 0;
  size_t end = 0;  // of the tiles that have room
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (tiles[i].place != place) continue;
    if (shares > 0 && static_cast<float>(shares + tiles[i].share) * least > row.size.x) break;
    shares += tiles[i].share;
    end = i + 1;
  }
  if (shares == 0) return;
  const float unit = std::floor((row.size.x - static_cast<float>(shares - 1) * kGap) / shares);
  float left = 0;
  int rest = shares;
  for (size_t i = 0; i < end; ++i) {
    if (tiles[i].place != place) continue;
    const auto share = static_cast<float>(tiles[i].share);
    rest -= tiles[i].share;
    const float width = rest == 0 ? row.size.x - left : share * unit + (share - 1) * kGap;
    rects[i] = {{row.position.x + left, row.position.y}, {width, row.size.y}};
    left += width + kGap;
  }
}

}  // namespace

Rect tile_of(const Rect& whole, size_t index, size_t count) {
  const std::vector<Tile> tiles(count, {Place::kViews, 1});
  std::vector<Rect> rects(count);
  fill_row(tiles, Place::kViews, whole, rects);
  return rects[index];
}

std::vector<Rect> make_layout(std::span<const Tile> tiles, float width, float height, float text_size,
                              const Splits& splits) {
  const float header = std::round(text_size * 2.6f);
  const float column_width = std::round(text_size * splits.side_width);
  const float side =
      column_width + 3 * kGap <= width / 2 ? column_width : 0;  // a small surface has no column
  const float area = side > 0 ? width - side - 3 * kGap : width - 2 * kGap;
  const bool banner =
      std::ranges::any_of(tiles, [](const Tile& tile) { return tile.place == Place::kBanner; });
  const float top = (banner ? 2 * (header + kGap) : header + kGap) + kGap;
  const float both = height - top - 2 * kGap;
  float views = std::round(both * splits.views_share);
  const bool plots = both - views >= kLowestPlot * text_size;
  if (!plots) views = height - top - kGap;
  const float plots_top = top + views + kGap;
  std::vector<Rect> rects(tiles.size());
  fill_row(tiles, Place::kHeader, {{kGap, kGap}, {width - 2 * kGap, header}}, rects);
  fill_row(tiles, Place::kBanner, {{kGap, header + 2 * kGap}, {width - 2 * kGap, header}}, rects);
  fill_row(tiles, Place::kWhole, {{kGap, top}, {width - 2 * kGap, height - top - kGap}}, rects);
  const float least = kNarrowest * text_size;
  fill_row(tiles, Place::kViews, {{kGap, top}, {area, views}}, rects, least);
  if (plots)
    fill_row(tiles, Place::kPlots, {{kGap, plots_top}, {area, height - plots_top - kGap}}, rects, least);
  const Rect column{{area + 2 * kGap, top}, {side, height - top - kGap}};
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (tiles[i].place == Place::kSide && side > 0) rects[i] = column;
    if (tiles[i].place == Place::kOverlay)
      rects[i] = {{2 * kGap, top + kGap}, {area - 2 * kGap, height - top - 3 * kGap}};
    rects[i].size = {std::max(rects[i].size.x, 0.0f), std::max(rects[i].size.y, 0.0f)};
  }
  return rects;
}

}  // namespace reverie::viewer
