#include "render/image.h"

#include <cairo.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "base/error.h"
#include "base/files.h"

namespace reverie::render {
namespace {

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;

Surface owned(cairo_surface_t* surface) { return {surface, cairo_surface_destroy}; }

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

// Takes `length` bytes from the front of the string_view behind `rest`.
cairo_status_t take(void* rest, unsigned char* data, unsigned int length) {
  auto& bytes = *static_cast<std::string_view*>(rest);
  if (bytes.size() < length) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(data, bytes.data(), length);
  bytes.remove_prefix(length);
  return CAIRO_STATUS_SUCCESS;
}

// Row `y` of a surface of format RGB24: a word 0x00rrggbb for each pixel.
uint32_t* row_of(cairo_surface_t* surface, int y) {
  unsigned char* data = cairo_image_surface_get_data(surface);
  return reinterpret_cast<uint32_t*>(data + static_cast<std::ptrdiff_t>(y) *
                                                cairo_image_surface_get_stride(surface));
}

// Copies any surface onto black in format RGB24: a file may have grey values, 16 bits or transparency.
Surface on_black(cairo_surface_t* picture) {
  Surface result = owned(cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, cairo_image_surface_get_width(picture), cairo_image_surface_get_height(picture)));
  cairo_t* cairo = cairo_create(result.get());
  cairo_set_source_surface(cairo, picture, 0.0, 0.0);
  cairo_paint(cairo);
  cairo_destroy(cairo);
  cairo_surface_flush(result.get());
  return result;
}

}  // namespace

void flip_rows(Image& image) {
  const auto row = static_cast<std::ptrdiff_t>(image.width) * 3;
  for (int y = 0; y < image.height / 2; ++y) {
    auto* top = image.rgb.data() + y * row;
    std::swap_ranges(top, top + row, image.rgb.data() + (image.height - 1 - y) * row);
  }
}

void write_png(const std::filesystem::path& path, const Image& image) {
  const auto directory = path.parent_path();
  if (!directory.empty() && !std::filesystem::is_directory(directory)) {
    base::throw_user_error("{}: cannot write the picture, directory {} does not exist", path.string(),
                           directory.string());
  }
  if (image.width <= 0 || image.height <= 0 ||
      image.rgb.size() != size_t{3} * static_cast<size_t>(image.width) * static_cast<size_t>(image.height))
    throw std::invalid_argument(fmt::format("write_png: {} values of colour for {} x {} pixels",
                                            image.rgb.size(), image.width, image.height));
  const Surface surface = owned(cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
  const uint8_t* from = image.rgb.data();
  for (int y = 0; y < image.height; ++y) {
    uint32_t* row = row_of(surface.get(), y);
    for (int x = 0; x < image.width; ++x, from += 3)
      row[x] = uint32_t{from[0]} << 16 | uint32_t{from[1]} << 8 | from[2];
  }
  cairo_surface_mark_dirty(surface.get());
  std::string bytes;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &bytes);
  if (status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(fmt::format("{}: {}", path.string(), cairo_status_to_string(status)));
  base::write_file_atomic(path, bytes);
}

Image read_png(const std::filesystem::path& path) {
  const std::string bytes = base::read_file(path);
  std::string_view rest = bytes;
  const Surface picture = owned(cairo_image_surface_create_from_png_stream(take, &rest));
  if (const cairo_status_t status = cairo_surface_status(picture.get()); status != CAIRO_STATUS_SUCCESS)
    base::throw_user_error("{}: not a PNG picture, or damaged: {}", path.string(),
                           cairo_status_to_string(status));
  const Surface surface = on_black(picture.get());
  Image image{
      cairo_image_surface_get_width(surface.get()), cairo_image_surface_get_height(surface.get()), {}};
  image.rgb.reserve(size_t{3} * static_cast<size_t>(image.width) * static_cast<size_t>(image.height));
  for (int y = 0; y < image.height; ++y) {
    const uint32_t* row = row_of(surface.get(), y);
    for (int x = 0; x < image.width; ++x)
      for (const int shift : {16, 8, 0}) image.rgb.push_back(static_cast<uint8_t>(row[x] >> shift));
  }
  return image;
}

}  // namespace reverie::render
