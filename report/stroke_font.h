// A stroke font drawn for Reverie's plots: every glyph is a few pen strokes, so any size and weight comes
// from one table and no font file is needed.
#pragma once

#include <string_view>
#include <vector>

#include "report/painter.h"

namespace reverie::report {

struct Glyph {
  double advance = 0.0;                     // em
  std::vector<std::vector<Point>> strokes;  // em, baseline at y = 0, y downwards
};

// Glyph of a Unicode code point; a hollow box when the font lacks it.
const Glyph& stroke_glyph(char32_t code_point);

// Decode the UTF-8 code point at `position` and move past it; U+FFFD for malformed bytes.
char32_t next_code_point(std::string_view text, size_t& position);

constexpr double kRegularPen = 0.088;  // pen width, em
constexpr double kBoldPen = 0.124;
constexpr double kBoldStretch = 1.08;  // bold is also wider

}  // namespace reverie::report
