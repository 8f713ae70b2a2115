// Painter: the few strokes a plot is made of. RasterPainter (raster.h) and SvgPainter (svg.h) draw the same
// plot.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace reverie::report {

// Position in logical pixels, y downwards.
struct Point {
  double x = 0.0, y = 0.0;
};

// What a colour is for, rather than which: pages swap the palette between light and dark.
enum class Role {
  kBackground,
  kText,
  kMuted,
  kGrid,
  kAxis,
  kSeries0,
  kSeries1,
  kSeries2,
  kSeries3,
  kSeries4,
  kSeries5
};
constexpr int kSeriesColours = 6;

struct Ink {
  Role role = Role::kText;
  double alpha = 1.0;
};

struct Rgb {
  unsigned char r = 0, g = 0, b = 0;
};
Rgb light_colour(Role role);
Rgb dark_colour(Role role);
std::string css_name(Role role);  // "--plot-grid": custom property that a page may set

enum class Anchor { kStart, kMiddle, kEnd };
struct TextStyle {
  Ink ink;
  double size = 12.0;  // em in logical pixels
  bool bold = false;
  Anchor anchor = Anchor::kStart;
};

class Painter {
 public:
  virtual ~Painter() = default;
  // Round joins and caps. `dash` > 0: dashes of that length with gaps of the same.
  virtual void polyline(std::span<const Point> points, Ink ink, double width, double dash) = 0;
  virtual void polygon(std::span<const Point> points, Ink ink) = 0;  // filled, non-zero winding
  virtual void disc(Point centre, double radius, Ink ink) = 0;
  virtual void text(Point baseline, std::string_view text, const TextStyle& style) = 0;
  // Later strokes show only inside the rectangle, until unclip().
  virtual void clip(Point top_left, Point bottom_right) = 0;
  virtual void unclip() = 0;
};

// Width in logical pixels of `text` at `size`; exact for the raster, close for the SVG.
double text_width(std::string_view text, double size, bool bold = false);

}  // namespace reverie::report
