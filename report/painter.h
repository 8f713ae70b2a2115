// Painter: Cairo draws the lines, areas and text of a plot.
// Strokes become a PNG or an SVG file; text in an SVG is outlines, so it looks the same everywhere.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

struct _cairo;
struct _cairo_surface;

namespace reverie::report {

// A position in logical pixels, y downwards.
struct Point {
  double x = 0.0, y = 0.0;
};

struct Rgb {
  unsigned char r = 0, g = 0, b = 0;
};

// What a colour is used for.
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
Rgb colour_of(Role role);

struct Ink {
  Role role = Role::kText;
  double alpha = 1.0;
};

enum class Anchor { kStart, kMiddle, kEnd };
struct TextStyle {
  Ink ink{};
  double size = 12.0;  // em in logical pixels
  bool bold = false;
  Anchor anchor = Anchor::kStart;
  bool backed = false;  // on a patch of the background's colour, for text over lines
};

class Painter {
 public:
  // A white page of `width` x `height` logical pixels for a PNG of `scale` device pixels a logical pixel.
  static Painter png(int width, int height, double scale);
  // A page without background for an SVG.
  static Painter svg(int width, int height);
  Painter(Painter&&) noexcept;
  ~Painter();

  // A line with round joins and caps. `dash` > 0: dashes of that length with gaps of the same.
  void polyline(std::span<const Point> points, Ink ink, double width, double dash);
  // A filled area. Parts that overlap in the same direction are filled once (non-zero winding).
  void polygon(std::span<const Point> points, Ink ink);
  void disc(Point centre, double radius, Ink ink);
  // UTF-8 text on one line; a malformed byte is drawn as U+FFFD.
  void text(Point baseline, std::string_view text, const TextStyle& style);
  // The width of `text` in logical pixels.
  double text_width(std::string_view text, double size, bool bold = false);
  // Later strokes show only inside the rectangle, until unclip().
  void clip(Point top_left, Point bottom_right);
  void unclip();

  // Returns the bytes of the file; call it once, at the end. Throws std::runtime_error naming Cairo's error.
  std::string finish();

 private:
  Painter(std::unique_ptr<std::string> svg, _cairo_surface* surface);

  void set_ink(Ink ink);
  void set_font(double size, bool bold);

  std::unique_ptr<std::string> svg_;  // Cairo appends to it; null when the page is for a PNG
  _cairo_surface* surface_;
  _cairo* cairo_;
};

}  // namespace reverie::report
