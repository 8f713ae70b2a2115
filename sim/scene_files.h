// The folders where task files and models are found.
#pragma once

#include <filesystem>
#include <vector>

namespace reverie::sim {

// Those that exist of these folders, in order: $REVERIE_SCENES, the installed share directory beside the
// binary, the source tree.
std::vector<std::filesystem::path> scene_directories();

// True for a file that lies in a scene directory: it came with the program and is trusted.
bool is_scene_file(const std::filesystem::path& file);

}  // namespace reverie::sim
