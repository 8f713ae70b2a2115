// Films of single episodes: physics, the dream, the dream over physics, and the error below.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "evaluation/progress.h"
#include "evaluation/strips.h"
#include "sim/task/task.h"

namespace reverie::viewer {

// Writes strip-<name>.mp4 of each into `directory`, which is made when it is missing, through ffmpeg, and returns the names of
// the files. `progress` hears of the frames. Throws UserError where there is no ffmpeg or no OpenGL.
std::vector<std::string> write_strips(const sim::Task& task, std::span<const evaluation::Strip> strips,
                                      const std::filesystem::path& directory,
                                      const base::Stop* stop = nullptr,
                                      const evaluation::Progress& progress = {});

}  // namespace reverie::viewer
