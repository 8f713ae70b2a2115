// A small anti-aliased rasteriser and PNG files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "report/painter.h"

namespace reverie::report {

// Write 8-bit RGB `pixels` [height, width, 3], top row first, as a PNG (atomic). Throws std::invalid_argument
// when the size disagrees.
void write_png(const std::filesystem::path& path, int width, int height, std::span<const uint8_t> pixels);
std::string encode_png(int width, int height, std::span<const uint8_t> pixels);

class RasterPainter final : public Painter {
 public:
  // `scale` device pixels a logical pixel.
  RasterPainter(int width, int height, double scale);

  int width() const { return width_; }                         // device pixels
  int height() const { return height_; }                       // device pixels
  std::span<const uint8_t> pixels() const { return pixels_; }  // [height, width, 3]

  void polyline(std::span<const Point> points, Ink ink, double width, double dash) override;
  void polygon(std::span<const Point> points, Ink ink) override;
  void disc(Point centre, double radius, Ink ink) override;
  void text(Point baseline, std::string_view text, const TextStyle& style) override;
  void clip(Point top_left, Point bottom_right) override;
  void unclip() override;

 private:
  struct Box {
    int x0, y0, x1, y1;  // half open, device pixels
  };
  void cover_segment(Point a, Point b, double radius);
  void paint_mask(Ink ink);

  int width_, height_;
  double scale_;
  Box clip_;
  Box touched_;              // part of mask_ that is not zero
  std::vector<float> mask_;  // coverage [0, 1] of the stroke in progress
  std::vector<uint8_t> pixels_;
};

}  // namespace reverie::report
