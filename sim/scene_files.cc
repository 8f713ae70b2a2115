#include "sim/scene_files.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace reverie::sim {

namespace fs = std::filesystem;

std::vector<fs::path> scene_directories() {
  std::vector<fs::path> candidates;
  if (const char* chosen = std::getenv("REVERIE_SCENES")) candidates.emplace_back(chosen);
  std::error_code ignored;
  const fs::path binary = fs::read_symlink("/proc/self/exe", ignored);
  if (!binary.empty()) candidates.push_back(binary.parent_path().parent_path() / "share/reverie/scenes");
#ifdef REVERIE_SOURCE_SCENES
  candidates.emplace_back(REVERIE_SOURCE_SCENES);
#else  // a reproducible build names no folder: its own lies in the source's
  if (!binary.empty()) candidates.push_back(binary.parent_path().parent_path() / "scenes");
#endif
  std::erase_if(candidates, [&](const fs::path& path) { return !fs::is_directory(path, ignored); });
  return candidates;
}

bool is_scene_file(const fs::path& file) {
  std::error_code ignored;
  const fs::path path = fs::weakly_canonical(file, ignored);
  for (const fs::path& directory : scene_directories()) {
    const fs::path relative = path.lexically_relative(fs::weakly_canonical(directory, ignored));
    if (!relative.empty() && *relative.begin() != "..") return true;
  }
  return false;
}

bool trusts_all_models() {
  const char* said = std::getenv("REVERIE_TRUST");
  return said != nullptr && std::string_view(said) == "1";
}

}  // namespace reverie::sim
