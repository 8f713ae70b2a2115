#include "report/svg.h"

#include <fmt/format.h>

namespace reverie::report {
namespace {

// "#rrggbb" behind the page's custom property.
std::string paint(Role role) {
  const Rgb c = light_colour(role);
  return fmt::format("var({},#{:02x}{:02x}{:02x})", css_name(role), c.r, c.g, c.b);
}

std::string path_points(std::span<const Point> points) {
  std::string text;
  for (const Point& p : points) text += fmt::format("{}{:.2f},{:.2f}", text.empty() ? "" : " ", p.x, p.y);
  return text;
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

SvgPainter::SvgPainter(int width, int height, std::string_view title) {
  body_ = fmt::format(
      "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "font-family=\"system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif\">"
      "<title>{}</title>\n",
      width, height, escape_markup(title));
}

std::string SvgPainter::finish() { return std::move(body_) + "</svg>\n"; }

void SvgPainter::polyline(std::span<const Point> points, Ink ink, double width, double dash) {
  body_ += fmt::format(
      "<polyline points=\"{}\" fill=\"none\" style=\"stroke:{}\" stroke-opacity=\"{:g}\" "
      "stroke-width=\"{:g}\" "
      "stroke-linejoin=\"round\" stroke-linecap=\"{}\"",
      path_points(points), paint(ink.role), ink.alpha, width, dash > 0.0 ? "butt" : "round");
  if (dash > 0.0) body_ += fmt::format(" stroke-dasharray=\"{:g} {:g}\"", dash, dash);
  body_ += "/>\n";
}

void SvgPainter::polygon(std::span<const Point> points, Ink ink) {
  body_ += fmt::format("<polygon points=\"{}\" style=\"fill:{}\" fill-opacity=\"{:g}\"/>\n",
                       path_points(points), paint(ink.role), ink.alpha);
}

void SvgPainter::disc(Point centre, double radius, Ink ink) {
  body_ += fmt::format(
      "<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"{:g}\" style=\"fill:{}\" fill-opacity=\"{:g}\"/>\n", centre.x,
      centre.y, radius, paint(ink.role), ink.alpha);
}

void SvgPainter::text(Point baseline, std::string_view text, const TextStyle& style) {
  const char* anchor = style.anchor == Anchor::kStart    ? "start"
                       : style.anchor == Anchor::kMiddle ? "middle"
                                                         : "end";
  body_ += fmt::format(
      "<text x=\"{:.2f}\" y=\"{:.2f}\" font-size=\"{:g}\" font-weight=\"{}\" text-anchor=\"{}\" "
      "style=\"fill:{}\" "
      "fill-opacity=\"{:g}\">{}</text>\n",
      baseline.x, baseline.y, style.size, style.bold ? 600 : 400, anchor, paint(style.ink.role),
      style.ink.alpha, escape_markup(text));
}

// A nested <svg> clips by itself: no ids that could clash with those of another plot in the page.
void SvgPainter::clip(Point top_left, Point bottom_right) {
  const double width = bottom_right.x - top_left.x, height = bottom_right.y - top_left.y;
  body_ += fmt::format(
      "<svg x=\"{0:.2f}\" y=\"{1:.2f}\" width=\"{2:.2f}\" height=\"{3:.2f}\" viewBox=\"{0:.2f} {1:.2f} "
      "{2:.2f} "
      "{3:.2f}\" overflow=\"hidden\">\n",
      top_left.x, top_left.y, width, height);
}

void SvgPainter::unclip() { body_ += "</svg>\n"; }

}  // namespace reverie::report
