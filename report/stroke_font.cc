#include "report/stroke_font.h"

#include <charconv>
#include <cmath>
#include <map>
#include <numbers>
#include <string>

namespace reverie::report {
namespace {

// Units: capitals are 14 high, x-height 10, descenders reach -4. Strokes are separated by ';'. A token is a
// point "x,y" or an elliptic arc "@cx,cy,rx,ry,from,to" in degrees, counter-clockwise when to > from.
struct Drawing {
  char32_t code_point;
  double width;  // without side bearings
  const char* strokes;
};

constexpr double kUnit = 0.0515;  // em a unit: capitals are 0.72 em high
constexpr double kBearing = 1.6;  // units of space on either side

constexpr Drawing kDrawings[] = {
    {U' ', 2.4, ""},
    {U'!', 0, "0,14 0,4.4;@0,0.3,0.3,0.3,0,360"},
    {U'"', 3, "0,14 0,10;3,14 3,10"},
    {U'#', 9, "3,13.6 1.6,0.4;7.4,13.6 6,0.4;0.4,9.4 9,9.4;0,4.6 8.6,4.6"},
    {U'$', 8, "@4,10,3.8,3,30,270 @4,3.6,4,3.4,90,-150;4,15.2 4,-1.4"},
    {U'%', 12, "@2.6,10.9,2.6,3.1,0,360;@9.4,3.1,2.6,3.1,0,360;9.6,14 2.4,0"},
    {U'&', 10, "10,0 2.2,9.2 @4.2,11.2,2.6,2.8,225,-60 2,7 @3.8,3.8,3.8,3.8,120,290 @3.8,6,6.2,6,290,360"},
    {U'\'', 0, "0,14 0,10"},
    {U'(', 3, "@6,5.2,6,10,110,250"},
    {U')', 3, "@-3,5.2,6,10,70,-70"},
    {U'*', 6, "3,14 3,7.6;0.2,12.4 5.8,9.2;5.8,12.4 0.2,9.2"},
    {U'+', 8, "4,9.6 4,1.6;0,5.6 8,5.6"},
    {U',', 1, "0.9,0.5 0.7,-1 0,-2.4"},
    {U'-', 4.4, "0,5.4 4.4,5.4"},
    {U'.', 0, "@0,0.3,0.3,0.3,0,360"},
    {U'/', 5, "5,14 0,-1"},
    {U'0', 8, "@4,7,4,7,0,360"},
    {U'1', 8, "1,10.8 4.6,14 4.6,0"},
    {U'2', 8, "@4,10,3.8,4,165,-38 0.2,0 8,0"},
    {U'3', 8, "@3.8,10.5,3.5,3.5,155,-90 2.8,7;3.8,7 @3.8,3.6,4,3.6,90,-155"},
    {U'4', 8, "6,0 6,14 0,4 8.2,4"},
    {U'5', 8, "7.2,14 1.2,14 0.6,7.4 @3.8,4.5,4.1,4.6,140,-150"},
    {U'6', 8, "@4.2,4.4,3.9,4.4,0,360;0.3,4.4 @6,4.4,5.7,9.6,180,100"},
    {U'7', 8, "0.2,14 8,14 2.8,0"},
    {U'8', 8, "@4,10.6,3.4,3.4,0,360;@4,3.6,4,3.6,0,360"},
    {U'9', 8, "@3.8,9.6,3.9,4.4,0,360;7.7,9.6 @2,9.6,5.7,9.6,0,-80"},
    {U':', 0, "@0,0.3,0.3,0.3,0,360;@0,8.2,0.3,0.3,0,360"},
    {U';', 1, "@0.7,8.2,0.3,0.3,0,360;0.9,0.5 0.7,-1 0,-2.4"},
    {U'<', 7, "7,9.8 0,5.6 7,1.4"},
    {U'=', 8, "0,7.6 8,7.6;0,3.6 8,3.6"},
    {U'>', 7, "0,9.8 7,5.6 0,1.4"},
    {U'?', 6.6, "@3.3,10.8,3.3,3.2,165,-60 @5.5,4.6,2.4,3.6,120,180;@3.1,0.3,0.3,0.3,0,360"},
    {U'@', 13, "@6.5,5.6,3,3.6,0,360;9.6,9.2 9.4,4 @11.2,4,1.8,2,180,330 @6.5,5.6,6.5,8,-10,310"},
    {U'A', 10.4, "0,0 5.2,14 10.4,0;1.9,5 8.5,5"},
    {U'B', 8.4, "0,7.4 4.4,7.4 @4.6,3.7,3.8,3.7,90,-90 0,0 0,14 4.4,14 @4.4,10.7,3.3,3.3,90,-90"},
    {U'C', 10, "@6,7,6,7,48,312"},
    {U'D', 9.8, "0,0 0,14 3.4,14 @3.4,7,6.4,7,90,-90 0,0"},
    {U'E', 7.6, "7.6,14 0,14 0,0 7.6,0;0,7.4 6.8,7.4"},
    {U'F', 7.4, "7.4,14 0,14 0,0;0,7 6.6,7"},
    {U'G', 10.6, "@6,7,6,7,48,320 10.6,6.6 6.6,6.6"},
    {U'H', 9.4, "0,14 0,0;9.4,14 9.4,0;0,7.4 9.4,7.4"},
    {U'I', 0, "0,14 0,0"},
    {U'J', 6.2, "6.2,14 6.2,4 @3.1,4,3.1,4,0,-165"},
    {U'K', 8.8, "0,14 0,0;8.2,14 0,5.4;3,8.6 8.8,0"},
    {U'L', 7, "0,14 0,0 7,0"},
    {U'M', 11.4, "0,0 0,14 5.7,3.4 11.4,14 11.4,0"},
    {U'N', 9.4, "0,0 0,14 9.4,0 9.4,14"},
    {U'O', 12, "@6,7,6,7,0,360"},
    {U'P', 8.2, "0,0 0,14 4.4,14 @4.4,10.2,3.8,3.8,90,-90 0,6.4"},
    {U'Q', 12, "@6,7,6,7,0,360;7.4,3.6 11.4,-0.8"},
    {U'R', 8.8, "0,0 0,14 4.6,14 @4.6,10.3,3.7,3.7,90,-90 0,6.6;4.8,6.6 8.8,0"},
    {U'S', 8.4, "@4.2,10.4,3.9,3.6,28,270 @4.2,3.5,4.2,3.5,90,-155"},
    {U'T', 9, "0,14 9,14;4.5,14 4.5,0"},
    {U'U', 9, "0,14 0,4.5 @4.5,4.5,4.5,4.5,180,360 9,14"},
    {U'V', 10, "0,14 5,0 10,14"},
    {U'W', 14.4, "0,14 3.6,0 7.2,13.2 10.8,0 14.4,14"},
    {U'X', 9, "0,14 9,0;9,14 0,0"},
    {U'Y', 9.4, "0,14 4.7,6.6 9.4,14;4.7,6.6 4.7,0"},
    {U'Z', 8.6, "0.2,14 8.6,14 0,0 8.6,0"},
    {U'[', 2.8, "2.8,14.6 0,14.6 0,-3 2.8,-3"},
    {U'\\', 5, "0,14 5,-1"},
    {U']', 2.8, "0,14.6 2.8,14.6 2.8,-3 0,-3"},
    {U'^', 6, "0,9 3,14 6,9"},
    {U'_', 7.4, "0,-2 7.4,-2"},
    {U'`', 2, "0,14 2,11.4"},
    {U'a', 7.4, "@3.8,6.6,3.4,3.4,155,0 7.2,0;7.2,5.8 3,5.8 @3,2.9,3,2.9,90,270 @3,4.2,4.2,4.2,270,350"},
    {U'b', 8, "0,14 0,0;@4,5,4,5,0,360"},
    {U'c', 7, "@4,5,4,5,48,312"},
    {U'd', 8, "8,14 8,0;@4,5,4,5,0,360"},
    {U'e', 8, "0.1,5.2 8,5.2 @4,5,4,5,2,315"},
    {U'f', 4.8, "@4.6,11,2.9,3,80,180 1.7,0;-0.4,9.6 4.6,9.6"},
    {U'g', 8, "@4,5,4,5,0,360;8,10 8,-0.6 @4.1,-0.6,3.9,3.4,0,-155"},
    {U'h', 7.2, "0,14 0,0;0,6.2 @3.6,6.2,3.6,3.8,180,0 7.2,0"},
    {U'i', 0, "0,10 0,0;@0,13.4,0.3,0.3,0,360"},
    {U'j', 1.6, "1.6,10 1.6,-1.6 @-0.6,-1.6,2.2,2.4,0,-90;@1.6,13.4,0.3,0.3,0,360"},
    {U'k', 6.8, "0,14 0,0;6.4,10 0,3.8;2.5,6.2 6.8,0"},
    {U'l', 0, "0,14 0,0"},
    {U'm', 11.8, "0,10 0,0;0,6.6 @2.95,6.6,2.95,3.4,180,0 5.9,0;5.9,6.6 @8.85,6.6,2.95,3.4,180,0 11.8,0"},
    {U'n', 7.2, "0,10 0,0;0,6.2 @3.6,6.2,3.6,3.8,180,0 7.2,0"},
    {U'o', 8.2, "@4.1,5,4.1,5,0,360"},
    {U'p', 8, "0,10 0,-4;@4,5,4,5,0,360"},
    {U'q', 8, "8,10 8,-4;@4,5,4,5,0,360"},
    {U'r', 4.4, "0,10 0,0;0,5.4 @4,5.4,4,4.6,180,82"},
    {U's', 6.6, "@3.3,7.45,3,2.55,28,270 @3.3,2.45,3.3,2.45,90,-155"},
    {U't', 4.8, "1.7,13 1.7,3 @4.4,3,2.7,3,180,285;-0.4,9.6 4.6,9.6"},
    {U'u', 7.2, "0,10 0,3.8 @3.6,3.8,3.6,3.8,180,360;7.2,10 7.2,0"},
    {U'v', 7.4, "0,10 3.7,0 7.4,10"},
    {U'w', 11.2, "0,10 2.8,0 5.6,9.4 8.4,0 11.2,10"},
    {U'x', 7, "0,10 7,0;7,10 0,0"},
    {U'y', 7.4, "0,10 3.8,0.4;7.4,10 3.6,-0.6 @0.9,-1.2,2.8,2.8,10,-85"},
    {U'z', 6.8, "0.2,10 6.8,10 0,0 6.8,0"},
    {U'{', 3.4, "3.4,14.6 @3.2,12.6,1.7,2,90,180 1.5,8 0,5.8 1.5,3.6 1.5,-1 @3.2,-1,1.7,2,180,270"},
    {U'|', 0, "0,15 0,-3"},
    {U'}', 3.4, "0,14.6 @0.2,12.6,1.7,2,90,0 1.9,8 3.4,5.8 1.9,3.6 1.9,-1 @0.2,-1,1.7,2,0,-90"},
    {U'~', 8, "@2,5,2,1.6,180,0 @6,5.2,2,1.6,180,360"},
    {U'±', 8, "4,11 4,3.6;0,7.3 8,7.3;0,0.4 8,0.4"},
    {U'×', 7, "0,9.2 7,2;7,9.2 0,2"},
    {U'·', 0, "@0,5.4,0.3,0.3,0,360"},
    {U'°', 4, "@2,11.8,2,2.2,0,360"},
    {U'–', 7, "0,5.4 7,5.4"},
    {U'—', 12, "0,5.4 12,5.4"},
    {U'−', 8, "0,5.6 8,5.6"},
    {U'…', 8, "@0,0.3,0.3,0.3,0,360;@4,0.3,0.3,0.3,0,360;@8,0.3,0.3,0.3,0,360"},
    {U'≤', 7, "7,11.4 0,7.4 7,3.4;0,0.4 7,0.4"},
    {U'≥', 7, "0,11.4 7,7.4 0,3.4;0,0.4 7,0.4"},
    {U'→', 10, "0,5.6 10,5.6;6.6,9 10,5.6 6.6,2.2"},
    {U'σ', 8.6, "8.6,9.7 4.1,9.7 @4.1,4.9,4.1,4.8,90,450"},
    {U'μ', 7.2, "0,10 0,-4;0,3.8 @3.6,3.8,3.6,3.8,180,360;7.2,10 7.2,0"},
    {U'\uFFFD', 7, "0,0 0,13 7,13 7,0 0,0"},
};

double number(std::string_view text) {
  double value = 0.0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<double> numbers(std::string_view list) {
  std::vector<double> result;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    result.push_back(number(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return result;
}

// Units to em, y downwards.
Point place(double x, double y) { return {(x + kBearing) * kUnit, -y * kUnit}; }

std::vector<Point> parse_stroke(std::string_view text) {
  std::vector<Point> points;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view token = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (token.front() != '@') {
      const std::vector<double> p = numbers(token);
      points.push_back(place(p[0], p[1]));
      continue;
    }
    const std::vector<double> arc = numbers(token.substr(1));
    const int pieces = std::max(4, static_cast<int>(std::abs(arc[5] - arc[4]) / 10.0));
    for (int i = 0; i <= pieces; ++i) {
      const double angle = (arc[4] + (arc[5] - arc[4]) * i / pieces) * std::numbers::pi / 180.0;
      points.push_back(place(arc[0] + arc[2] * std::cos(angle), arc[1] + arc[3] * std::sin(angle)));
    }
  }
  return points;
}

std::map<char32_t, Glyph> build_font() {
  std::map<char32_t, Glyph> font;
  for (const Drawing& drawing : kDrawings) {
    Glyph glyph{.advance = (drawing.width + 2.0 * kBearing) * kUnit, .strokes = {}};
    std::string_view text = drawing.strokes;
    while (!text.empty()) {
      const size_t end = std::min(text.find(';'), text.size());
      glyph.strokes.push_back(parse_stroke(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    font.emplace(drawing.code_point, std::move(glyph));
  }
  return font;
}

}  // namespace

const Glyph& stroke_glyph(char32_t code_point) {
  static const std::map<char32_t, Glyph> font = build_font();
  const auto found = font.find(code_point);
  return found != font.end() ? found->second : font.at(U'\uFFFD');
}

char32_t next_code_point(std::string_view text, size_t& position) {
  constexpr char32_t kBroken = U'\uFFFD';
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(position++);
  if (first < 0x80) return first;
  const int extra = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : -1;
  if (extra < 0 || position + static_cast<size_t>(extra) > text.size()) return kBroken;
  char32_t value = first & (0x3F >> extra);
  for (int i = 0; i < extra; ++i) {
    if ((byte(position) & 0xC0) != 0x80) return kBroken;
    value = (value << 6) | (byte(position++) & 0x3F);
  }
  return value;
}

double text_width(std::string_view text, double size, bool bold) {
  double width = 0.0;
  for (size_t i = 0; i < text.size();) width += stroke_glyph(next_code_point(text, i)).advance;
  return width * size * (bold ? kBoldStretch : 1.0);
}

}  // namespace reverie::report
