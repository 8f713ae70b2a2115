// Lists every file that the engine opens for one model.
// A task's hash covers them. The engine itself says which they are, so no rule about folders is repeated here.
#pragma once

#include <mujoco/mujoco.h>

#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace reverie::sim {

// Stands between the engine and the disk while one model is parsed and compiled. It must outlive both calls.
// The engine may open files from several threads.
class ModelFiles {
 public:
  ModelFiles();
  ~ModelFiles();
  ModelFiles(const ModelFiles&) = delete;
  ModelFiles& operator=(const ModelFiles&) = delete;

  // For the engine's calls. Names that it is given must be absolute paths: only those are seen.
  const mjVFS* vfs() const { return &vfs_; }

  // Absolute paths of all files opened so far, the model's own among them, sorted.
  std::vector<std::filesystem::path> opened() const;

 private:
  static int open(mjResource* resource);

  mjVFS vfs_{};
  mjpResourceProvider provider_{};
  mutable std::mutex mutex_;
  std::set<std::filesystem::path> opened_;
};

// What a task's hash covers of its model: the text of the file, of everything that it names with file="...",
// and the bytes of every further file of `opened`. A file that is named and not there adds its name.
std::string model_sources(const std::filesystem::path& path,
                          const std::vector<std::filesystem::path>& opened);

}  // namespace reverie::sim
