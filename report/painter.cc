#include "report/painter.h"

#include <cairo-svg.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace reverie::report {
namespace {

// Every machine has to draw the same text: the font is part of the packages that ./run installs.
constexpr const char* kFont = "DejaVu Sans";

// In the order of Role. Blue, orange, green, violet, ochre and teal differ in lightness too: they keep apart
// for the common kinds of colour blindness.
constexpr std::array<Rgb, 11> kPalette = {{{255, 255, 255},
                                           {27, 31, 38},
                                           {98, 106, 118},
                                           {229, 232, 237},
                                           {150, 157, 168},
                                           {33, 99, 184},
                                           {214, 104, 18},
                                           {24, 138, 92},
                                           {143, 64, 160},
                                           {164, 126, 18},
                                           {20, 134, 150}}};

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(fmt::format("drawing a plot: Cairo: {}", cairo_status_to_string(status)));
}

// The number of bytes of the UTF-8 character at the start of `text`; 0 when Cairo would not take it.
size_t character_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xC0 ? 0 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (length == 0 || length > text.size()) return 0;
  char32_t code = length == 1 ? byte(0) : byte(0) & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool no_character = (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
  return code < kLeast[length] || code > 0x10FFFF || surrogate || no_character ? 0 : length;
}

// Cairo draws nothing more after malformed text: each bad byte becomes U+FFFD.
std::string valid_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t length = character_length(text);
    if (length > 0)
      result += text.substr(0, length);
    else
      result += "\uFFFD";
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return result;
}

// Cairo names the outermost group after the number of surfaces that the process has made so far, and writes
// six decimals. Without the name the same strokes give the same bytes, and two decimals are enough.
std::string tidied(std::string_view svg) {
  const size_t name = svg.find(" id=\"surface"), end = svg.find('>', name);
  std::string result;
  size_t decimals = 0;  // so far in this number, counting its point
  for (size_t i = 0; i < svg.size(); ++i) {
    if (i == name) i = end;
    const bool digit = svg[i] >= '0' && svg[i] <= '9';
    decimals = svg[i] == '.' ? 1 : decimals > 0 && digit ? decimals + 1 : 0;
    if (decimals <= 3) result += svg[i];
  }
  return result;
}

void trace(cairo_t* cairo, std::span<const Point> points) {
  cairo_new_path(cairo);
  for (const Point& p : points) cairo_line_to(cairo, p.x, p.y);
}

}  // namespace

Rgb colour_of(Role role) { return kPalette[static_cast<size_t>(role)]; }

Painter Painter::png(int width, int height, double scale) {
  cairo_surface_t* surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::lround(width * scale)),
                                 static_cast<int>(std::lround(height * scale)));
  cairo_surface_set_device_scale(surface, scale, scale);
  Painter painter(nullptr, surface);
  painter.set_ink({Role::kBackground});
  cairo_paint(painter.cairo_);
  return painter;
}

Painter Painter::svg(int width, int height) {
  auto bytes = std::make_unique<std::string>();
  cairo_surface_t* surface = cairo_svg_surface_create_for_stream(append, bytes.get(), width, height);
  return Painter(std::move(bytes), surface);
}

Painter::Painter(std::unique_ptr<std::string> svg, cairo_surface_t* surface)
    : svg_(std::move(svg)), surface_(surface), cairo_(cairo_create(surface)) {
  cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
  // The same letters at the same places in a PNG and in an SVG, whatever the machine's settings for a screen.
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(cairo_, options);
  cairo_font_options_destroy(options);
}

Painter::Painter(Painter&& other) noexcept
    : svg_(std::move(other.svg_)),
      surface_(std::exchange(other.surface_, nullptr)),
      cairo_(std::exchange(other.cairo_, nullptr)) {}

Painter::~Painter() {
  cairo_destroy(cairo_);
  cairo_surface_destroy(surface_);
}

void Painter::set_ink(Ink ink) {
  const Rgb c = colour_of(ink.role);
  cairo_set_source_rgba(cairo_, c.r / 255.0, c.g / 255.0, c.b / 255.0, ink.alpha);
}

void Painter::set_font(double size, bool bold) {
  cairo_select_font_face(cairo_, kFont, CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo_, size);
}

void Painter::polyline(std::span<const Point> points, Ink ink, double width, double dash) {
  trace(cairo_, points);
  set_ink(ink);
  cairo_set_line_width(cairo_, width);
  cairo_set_line_cap(cairo_, dash > 0.0 ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  cairo_set_dash(cairo_, &dash, dash > 0.0 ? 1 : 0, 0.0);
  cairo_stroke(cairo_);
}

void Painter::polygon(std::span<const Point> points, Ink ink) {
  trace(cairo_, points);
  set_ink(ink);
  cairo_fill(cairo_);
}

void Painter::disc(Point centre, double radius, Ink ink) {
  cairo_new_path(cairo_);
  cairo_arc(cairo_, centre.x, centre.y, radius, 0.0, 2.0 * std::numbers::pi);
  set_ink(ink);
  cairo_fill(cairo_);
}

double Painter::text_width(std::string_view text, double size, bool bold) {
  set_font(size, bold);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_, valid_utf8(text).c_str(), &extents);
  return extents.x_advance;
}

void Painter::text(Point baseline, std::string_view text, const TextStyle& style) {
  const double width = text_width(text, style.size, style.bold);
  const double shift = style.anchor == Anchor::kMiddle ? width / 2.0
                       : style.anchor == Anchor::kEnd  ? width
                                                       : 0.0;
  const std::string valid = valid_utf8(text);
  if (style.backed) {
    constexpr double kAround = 2.0;
    cairo_rectangle(cairo_, baseline.x - shift - kAround, baseline.y - style.size, width + 2.0 * kAround,
                    1.3 * style.size);
    set_ink({Role::kBackground, 0.8});
    cairo_fill(cairo_);
  }
  set_ink(style.ink);
  cairo_move_to(cairo_, baseline.x - shift, baseline.y);
  cairo_show_text(cairo_, valid.c_str());
}

void Painter::clip(Point top_left, Point bottom_right) {
  cairo_rectangle(cairo_, top_left.x, top_left.y, bottom_right.x - top_left.x, bottom_right.y - top_left.y);
  cairo_clip(cairo_);
}

void Painter::unclip() { cairo_reset_clip(cairo_); }

std::string Painter::finish() {
  check(cairo_status(cairo_));
  if (svg_) {
    cairo_surface_finish(surface_);
    check(cairo_surface_status(surface_));
    return tidied(*svg_);
  }
  std::string bytes;
  check(cairo_surface_write_to_png_stream(surface_, append, &bytes));
  return bytes;
}

}  // namespace reverie::report
