#include "render/image.h"

#include <png.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "report/raster.h"

namespace reverie::render {

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
  report::write_png(path, image.width, image.height, image.rgb);
}

Image read_png(const std::filesystem::path& path) {
  const std::string bytes = base::read_file(path);
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) {
    base::throw_user_error("{}: not a PNG picture: {}", path.string(), png.message);
  }
  png.format = PNG_FORMAT_RGB;
  Image image{static_cast<int>(png.width), static_cast<int>(png.height),
              std::vector<uint8_t>(PNG_IMAGE_SIZE(png))};
  const png_color black{};
  if (!png_image_finish_read(&png, &black, image.rgb.data(), 0, nullptr)) {
    base::throw_user_error("{}: damaged PNG picture: {}", path.string(), png.message);
  }
  return image;
}

}  // namespace reverie::render
