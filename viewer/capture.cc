#include "viewer/capture.h"

#include <fmt/format.h>

namespace reverie::viewer {

namespace {

constexpr double kFrameSeconds = 1.0 / 30;

}  // namespace

std::filesystem::path Capture::free_name(const char* ending) const {
  for (int number = 1;; ++number) {
    std::filesystem::path path = folder_ / fmt::format("reverie-{:04}{}", number, ending);
    std::error_code none;
    if (!std::filesystem::exists(path, none)) return path;
  }
}

std::string Capture::picture(Surface& surface) {
  const std::filesystem::path path = free_name(".png");
  try {
    render::write_png(path, surface.read());
    return fmt::format("picture written to {}", path.string());
  } catch (const std::exception& failed) {
    return failed.what();
  }
}

std::string Capture::end_film() {
  const auto film = std::move(film_);
  try {
    film->finish();
    return fmt::format("film written to {}", film_path_.string());
  } catch (const std::exception& failed) {
    return failed.what();
  }
}

std::string Capture::start_or_end_film(Surface& surface) {
  if (film_) return end_film();
  film_path_ = free_name(".mp4");
  width_ = surface.width();
  height_ = surface.height();
  owed_ = kFrameSeconds;
  try {
    film_ = std::make_unique<render::VideoWriter>(film_path_, width_, height_, 1 / kFrameSeconds);
    return fmt::format("filming into {}", film_path_.string());
  } catch (const std::exception& failed) {
    return failed.what();
  }
}

std::string Capture::after_frame(Surface& surface, double seconds) {
  if (!film_) return "";
  if (surface.width() != width_ || surface.height() != height_) return end_film();
  owed_ += seconds;
  if (owed_ < kFrameSeconds) return "";
  try {
    const render::Image image = surface.read();
    for (; owed_ >= kFrameSeconds; owed_ -= kFrameSeconds) film_->write(image);
    return "";
  } catch (const std::exception& failed) {
    film_.reset();
    return failed.what();
  }
}

}  // namespace reverie::viewer
