// RGB pictures in memory and as PNG files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace reverie::render {

// 8-bit RGB, row-major, top row first.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;  // [height, width, 3]

  std::span<const uint8_t> pixel(int x, int y) const {  // (0, 0) is the top left corner
    return {rgb.data() + 3 * (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)),
            3};
  }
};

// Turn a picture upside down in place: OpenGL reads the bottom row first.
void flip_rows(Image& image);

// Write a PNG, atomically. Throws UserError when the directory does not exist and std::runtime_error when the
// file cannot be encoded or written.
void write_png(const std::filesystem::path& path, const Image& image);

// Read a PNG as RGB, transparent parts over black. Throws UserError naming the path when it is missing or damaged.
Image read_png(const std::filesystem::path& path);

}  // namespace reverie::render
