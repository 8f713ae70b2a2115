// VideoWriter: writes frames as an MP4 through an ffmpeg process.
// Raw RGB frames go in by a pipe, H.264 comes out.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/stop.h"
#include "render/image.h"

namespace reverie::render {

// The file is written under a temporary name beside `path` and renamed by finish(); a writer that is
// destroyed before leaves nothing behind.
class VideoWriter {
 public:
  // `frame_rate` in frames a second. Throws UserError when ffmpeg is not installed, the directory does not
  // exist or the size is not positive. Odd sizes are padded by one pixel (yuv420p wants even ones).
  VideoWriter(const std::filesystem::path& path, int width, int height, double frame_rate,
              const std::string& program = "ffmpeg");
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  // Append one frame; throws std::invalid_argument when its size differs and UserError with ffmpeg's own words
  // when it gave up.
  void write(const Image& frame);

  // Close the pipe, wait, rename. Throws UserError with ffmpeg's own words when it failed, and
  // base::Interrupted when `stop` is asked for before it has ended.
  void finish(const base::Stop* stop = nullptr);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::render
