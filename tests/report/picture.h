// The pixels of a PNG, for tests that look at what was drawn.
#pragma once

#include <cairo.h>
#include <gmock/gmock.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "report/painter.h"

namespace reverie::report {

struct Picture {
  int width = 0, height = 0;
  std::vector<Rgb> pixels;  // [height, width]

  Rgb at(int x, int y) const { return pixels[static_cast<size_t>(y) * width + x]; }
  int grey(int x, int y) const { return (at(x, y).r + at(x, y).g + at(x, y).b) / 3; }
};

inline Picture decode(const std::string& png) {
  std::string_view rest = png;
  const auto take = [](void* from, unsigned char* data, unsigned int length) {
    auto& bytes = *static_cast<std::string_view*>(from);
    if (bytes.size() < length) return CAIRO_STATUS_READ_ERROR;
    std::memcpy(data, bytes.data(), length);
    bytes.remove_prefix(length);
    return CAIRO_STATUS_SUCCESS;
  };
  cairo_surface_t* surface = cairo_image_surface_create_from_png_stream(take, &rest);
  EXPECT_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
  Picture picture{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), {}};
  const unsigned char* data = cairo_image_surface_get_data(surface);
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const unsigned char* p = data + y * cairo_image_surface_get_stride(surface) + 4 * x;
      picture.pixels.push_back({p[2], p[1], p[0]});  // blue first in memory
    }
  cairo_surface_destroy(surface);
  return picture;
}

inline bool is(Rgb found, Role role) {
  const Rgb expected = colour_of(role);
  return found.r == expected.r && found.g == expected.g && found.b == expected.b;
}

// The number of pixels that are wholly of the role's colour.
inline int64_t count(const Picture& picture, Role role) {
  int64_t n = 0;
  for (const Rgb pixel : picture.pixels) n += is(pixel, role);
  return n;
}

// Ink on the page in pixels: a pixel that is wholly of the text's colour counts 1.
inline double ink(const Picture& picture) {
  const Rgb paper = colour_of(Role::kBackground), text = colour_of(Role::kText);
  double sum = 0.0;
  for (const Rgb pixel : picture.pixels) sum += double(paper.r - pixel.r) / double(paper.r - text.r);
  return sum;
}

inline int occurrences(std::string_view text, std::string_view what) {
  int n = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

}  // namespace reverie::report
