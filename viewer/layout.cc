#include "viewer/layout.h"

#include <cmath>

namespace reverie::viewer {

Layout make_layout(float width, float height, float text_size, bool has_dream) {
  const float gap = 6;
  const float header = std::round(text_size * 2.6f);
  const float side = std::round(text_size * 18.0f);
  const float area = width - side - 3 * gap;
  const float top = header + 2 * gap;
  const float views = std::round((height - top - 2 * gap) * 0.60f);
  const float plots_top = top + views + gap;
  const float plots = height - plots_top - gap;
  const float half = std::floor((area - gap) / 2);
  const float third = std::floor((area - 2 * gap) / 3);
  Layout layout;
  layout.header = {{gap, gap}, {width - 2 * gap, header}};
  layout.physics = {{gap, top}, {has_dream ? half : area, views}};
  if (has_dream) layout.dream = {{2 * gap + half, top}, {area - half - gap, views}};
  layout.left = {{gap, plots_top}, {third, plots}};
  layout.middle = {{2 * gap + third, plots_top}, {third, plots}};
  layout.right = {{3 * gap + 2 * third, plots_top}, {area - 2 * (third + gap), plots}};
  layout.side = {{area + 2 * gap, top}, {side, height - top - gap}};
  return layout;
}

}  // namespace reverie::viewer
