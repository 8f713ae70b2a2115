// Capture: pictures and films of what a surface shows, on a key.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "render/video_writer.h"
#include "viewer/surface.h"

namespace reverie::viewer {

class Capture {
 public:
  // Files are written into `folder` as reverie-0001.png, reverie-0002.mp4, ...: the first number that is free.
  explicit Capture(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // These return what happened, in words for the user: also that a disk refused, or that ffmpeg is not installed.
  std::string picture(Surface& surface);
  std::string start_or_end_film(Surface& surface);

  bool films() const { return film_ != nullptr; }
  // Call it after each frame, which lasted `seconds`. A film has 30 frames a second and ends when the size changes.
  // Returns words for the user when it ended, else nothing.
  std::string after_frame(Surface& surface, double seconds);

 private:
  std::filesystem::path free_name(const char* ending) const;
  std::string end_film();

  std::filesystem::path folder_, film_path_;
  std::unique_ptr<render::VideoWriter> film_;
  int width_ = 0, height_ = 0;  // of the film
  double owed_ = 0.0;           // seconds not yet filmed
};

}  // namespace reverie::viewer
