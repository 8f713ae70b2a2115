#include "viewer/layout.h"

#include <algorithm>
#include <cmath>

namespace reverie::viewer {

namespace {

constexpr float kGap = 6;  // pixels between panels

// The tiles of `place` share the width of `row`; rounding goes to the last one.
void fill_row(std::span<const Tile> tiles, Place place, const Rect& row, std::span<Rect> rects) {
  int shares = 0;
  for (const Tile& tile : tiles) shares += tile.place == place ? tile.share : 0;
  if (shares == 0) return;
  const float unit = std::floor((row.size.x - static_cast<float>(shares - 1) * kGap) / shares);
  float left = 0;
  int rest = shares;
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (tiles[i].place != place) continue;
    const auto share = static_cast<float>(tiles[i].share);
    rest -= tiles[i].share;
    const float width = rest == 0 ? row.size.x - left : share * unit + (share - 1) * kGap;
    rects[i] = {{row.position.x + left, row.position.y}, {width, row.size.y}};
    left += width + kGap;
  }
}

}  // namespace

std::vector<Rect> make_layout(std::span<const Tile> tiles, float width, float height, float text_size,
                              const Splits& splits) {
  const float header = std::round(text_size * 2.6f);
  const float side = std::round(std::min(text_size * splits.side_width, width / 2));
  const float area = width - side - 3 * kGap;
  const bool banner =
      std::ranges::any_of(tiles, [](const Tile& tile) { return tile.place == Place::kBanner; });
  const float top = (banner ? 2 * (header + kGap) : header + kGap) + kGap;
  const float views = std::round((height - top - 2 * kGap) * splits.views_share);
  const float plots_top = top + views + kGap;
  std::vector<Rect> rects(tiles.size());
  fill_row(tiles, Place::kHeader, {{kGap, kGap}, {width - 2 * kGap, header}}, rects);
  fill_row(tiles, Place::kBanner, {{kGap, header + 2 * kGap}, {width - 2 * kGap, header}}, rects);
  fill_row(tiles, Place::kWhole, {{kGap, top}, {width - 2 * kGap, height - top - kGap}}, rects);
  fill_row(tiles, Place::kViews, {{kGap, top}, {area, views}}, rects);
  fill_row(tiles, Place::kPlots, {{kGap, plots_top}, {area, height - plots_top - kGap}}, rects);
  const Rect column{{area + 2 * kGap, top}, {side, height - top - kGap}};
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (tiles[i].place == Place::kSide) rects[i] = column;
    if (tiles[i].place == Place::kOverlay)
      rects[i] = {{2 * kGap, top + kGap}, {area - 2 * kGap, height - top - 3 * kGap}};
    rects[i].size = {std::max(rects[i].size.x, 0.0f), std::max(rects[i].size.y, 0.0f)};
  }
  return rects;
}

}  // namespace reverie::viewer
