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

// Whether the user has said --trust (REVERIE_TRUST=1 in the environment): models may then name files anywhere.
bool trusts_all_models();

}  // namespace reverie::sim
