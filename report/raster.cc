#include "report/raster.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/files.h"
#include "report/stroke_font.h"

namespace reverie::report {

std::string encode_png(int width, int height, std::span<const uint8_t> pixels) {
  if (width <= 0 || height <= 0 || pixels.size() != static_cast<size_t>(width) * height * 3)
    throw std::invalid_argument("encode_png: pixel count is not width * height * 3");
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  if (!png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr))
    throw std::runtime_error(std::string("encode_png: ") + image.message);
  std::string bytes(size, '\0');
  if (!png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr))
    throw std::runtime_error(std::string("encode_png: ") + image.message);
  bytes.resize(size);
  return bytes;
}

void write_png(const std::filesystem::path& path, int width, int height, std::span<const uint8_t> pixels) {
  base::write_file_atomic(path, encode_png(width, height, pixels));
}

RasterPainter::RasterPainter(int width, int height, double scale)
    : width_(static_cast<int>(std::lround(width * scale))),
      height_(static_cast<int>(std::lround(height * scale))),
      scale_(scale),
      clip_{0, 0, width_, height_},
      touched_{width_, height_, 0, 0},
      mask_(static_cast<size_t>(width_) * height_, 0.0f),
      pixels_(mask_.size() * 3) {
  const Rgb background = light_colour(Role::kBackground);
  for (size_t i = 0; i < pixels_.size(); i += 3) {
    pixels_[i] = background.r;
    pixels_[i + 1] = background.g;
    pixels_[i + 2] = background.b;
  }
}

// Coverage of a round-ended segment, from the distance of each pixel's centre; overlaps keep the larger
// coverage, so that a translucent stroke has no darker joints. Device pixels.
void RasterPainter::cover_segment(Point a, Point b, double radius) {
  const double reach = radius + 1.0;
  const int x0 = std::max(clip_.x0, static_cast<int>(std::floor(std::min(a.x, b.x) - reach)));
  const int x1 = std::min(clip_.x1, static_cast<int>(std::ceil(std::max(a.x, b.x) + reach)));
  const int y0 = std::max(clip_.y0, static_cast<int>(std::floor(std::min(a.y, b.y) - reach)));
  const int y1 = std::min(clip_.y1, static_cast<int>(std::ceil(std::max(a.y, b.y) + reach)));
  if (x0 >= x1 || y0 >= y1) return;
  touched_ = {std::min(touched_.x0, x0), std::min(touched_.y0, y0), std::max(touched_.x1, x1),
              std::max(touched_.y1, y1)};
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  // A pen thinner than a pixel is drawn one pixel wide and fainter.
  const double half = std::max(radius, 0.5);
  const double strength = radius / half;
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      const double px = x + 0.5 - a.x, py = y + 0.5 - a.y;
      const double t = length2 > 0.0 ? std::clamp((px * dx + py * dy) / length2, 0.0, 1.0) : 0.0;
      const double distance = std::hypot(px - t * dx, py - t * dy);
      const auto coverage = static_cast<float>(strength * std::clamp(half + 0.5 - distance, 0.0, 1.0));
      float& cell = mask_[static_cast<size_t>(y) * width_ + x];
      cell = std::max(cell, coverage);
    }
  }
}

// Blend the ink through the mask, then clear the mask.
void RasterPainter::paint_mask(Ink ink) {
  const Rgb colour = light_colour(ink.role);
  const double channels[3] = {double(colour.r), double(colour.g), double(colour.b)};
  for (int y = touched_.y0; y < touched_.y1; ++y) {
    for (int x = touched_.x0; x < touched_.x1; ++x) {
      const size_t i = static_cast<size_t>(y) * width_ + x;
      const double alpha = ink.alpha * std::min(mask_[i], 1.0f);
      mask_[i] = 0.0f;
      for (int c = 0; c < 3; ++c) {
        uint8_t& value = pixels_[i * 3 + c];
        value = static_cast<uint8_t>(std::lround(value + alpha * (channels[c] - value)));
      }
    }
  }
  touched_ = {width_, height_, 0, 0};
}

void RasterPainter::polyline(std::span<const Point> points, Ink ink, double width, double dash) {
  const double radius = 0.5 * width * scale_;
  double travelled = 0.0;  // device pixels along the line, for dashes
  const double period = 2.0 * dash * scale_;
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    const Point a{points[i].x * scale_, points[i].y * scale_};
    const Point b{points[i + 1].x * scale_, points[i + 1].y * scale_};
    if (dash <= 0.0) {
      cover_segment(a, b, radius);
      continue;
    }
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    for (double s = 0.0; s < length;) {
      const double phase = std::fmod(travelled + s, period);
      const bool on = phase < period / 2.0;
      const double end = std::min(length, s + std::max((on ? period / 2.0 : period) - phase, 1e-6));
      const auto at = [&](double d) {
        return Point{a.x + (b.x - a.x) * d / length, a.y + (b.y - a.y) * d / length};
      };
      if (on) cover_segment(at(s), at(end), radius);
      s = end;
    }
    travelled += length;
  }
  paint_mask(ink);
}

// Scan conversion with 4 sample rows a pixel and exact horizontal coverage; non-zero winding.
void RasterPainter::polygon(std::span<const Point> points, Ink ink) {
  constexpr int kRows = 4;
  struct Crossing {
    double x;
    int winding;
  };
  std::vector<Crossing> crossings;
  for (int row = clip_.y0 * kRows; row < clip_.y1 * kRows; ++row) {
    const double y = (row + 0.5) / kRows;
    crossings.clear();
    for (size_t i = 0; i < points.size(); ++i) {
      const Point a{points[i].x * scale_, points[i].y * scale_};
      const Point& next = points[(i + 1) % points.size()];
      const Point b{next.x * scale_, next.y * scale_};
      if ((a.y <= y) == (b.y <= y)) continue;
      crossings.push_back({a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x), a.y <= y ? 1 : -1});
    }
    std::sort(crossings.begin(), crossings.end(), [](const auto& l, const auto& r) { return l.x < r.x; });
    int winding = 0;
    for (size_t i = 0; i + 1 < crossings.size(); ++i) {
      winding += crossings[i].winding;
      if (winding == 0) continue;
      const double left = std::max(crossings[i].x, double(clip_.x0));
      const double right = std::min(crossings[i + 1].x, double(clip_.x1));
      for (int x = static_cast<int>(std::floor(left)); x < right; ++x) {
        const double overlap = std::min(right, x + 1.0) - std::max(left, double(x));
        mask_[static_cast<size_t>(row / kRows) * width_ + x] += static_cast<float>(overlap / kRows);
      }
    }
  }
  touched_ = clip_;
  paint_mask(ink);
}

void RasterPainter::disc(Point centre, double radius, Ink ink) {
  const Point c{centre.x * scale_, centre.y * scale_};
  cover_segment(c, c, radius * scale_);
  paint_mask(ink);
}

void RasterPainter::text(Point baseline, std::string_view text, const TextStyle& style) {
  const double stretch = style.bold ? kBoldStretch : 1.0;
  double x = baseline.x;
  const double width = text_width(text, style.size, style.bold);
  if (style.anchor == Anchor::kMiddle) x -= width / 2.0;
  if (style.anchor == Anchor::kEnd) x -= width;
  const double radius = 0.5 * style.size * (style.bold ? kBoldPen : kRegularPen) * scale_;
  for (size_t i = 0; i < text.size();) {
    const Glyph& glyph = stroke_glyph(next_code_point(text, i));
    const auto place = [&](Point p) {
      return Point{(x + p.x * style.size * stretch) * scale_, (baseline.y + p.y * style.size) * scale_};
    };
    for (const std::vector<Point>& stroke : glyph.strokes)
      for (size_t k = 0; k + 1 < stroke.size(); ++k)
        cover_segment(place(stroke[k]), place(stroke[k + 1]), radius);
    x += glyph.advance * style.size * stretch;
  }
  paint_mask(style.ink);
}

void RasterPainter::clip(Point top_left, Point bottom_right) {
  const auto inside = [](double v, int limit) {
    return std::clamp(static_cast<int>(std::lround(v)), 0, limit);
  };
  clip_ = {inside(top_left.x * scale_, width_), inside(top_left.y * scale_, height_),
           inside(bottom_right.x * scale_, width_), inside(bottom_right.y * scale_, height_)};
}

void RasterPainter::unclip() { clip_ = {0, 0, width_, height_}; }

}  // namespace reverie::report
