// SVG for inline use in a page: colours are CSS custom properties with the light palette as fallback, text is
// text.
#pragma once

#include <string>

#include "report/painter.h"

namespace reverie::report {

// `text` with & < > " ' replaced, safe in HTML and SVG text and attributes.
std::string escape_markup(std::string_view text);

class SvgPainter final : public Painter {
 public:
  // `title` is what a screen reader says.
  SvgPainter(int width, int height, std::string_view title);

  std::string finish();  // the whole <svg> element; call once

  void polyline(std::span<const Point> points, Ink ink, double width, double dash) override;
  void polygon(std::span<const Point> points, Ink ink) override;
  void disc(Point centre, double radius, Ink ink) override;
  void text(Point baseline, std::string_view text, const TextStyle& style) override;
  void clip(Point top_left, Point bottom_right) override;
  void unclip() override;

 private:
  std::string body_;
};

}  // namespace reverie::report
