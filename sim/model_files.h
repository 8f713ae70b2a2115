// Lists every file that the engine opens for one model, and refuses those that are none of the model's.
// A task's hash covers them. The engine itself says which they are, so no rule about folders is repeated here.
// A model of a stranger must not make the program read files elsewhere on the disk.
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
  // `model` is the file that is about to be parsed. Files are opened when they lie in its folder, in a folder below
  // it or with the scenes that come with the program, wherever links lead; all files are when the user trusts
  // the model (sim/scene_files.h).
  explicit ModelFiles(const std::filesystem::path& model);
  ~ModelFiles();
  ModelFiles(const ModelFiles&) = delete;
  ModelFiles& operator=(const ModelFiles&) = delete;

  // For the engine's calls. Names that it is given must be absolute paths: only those are seen.
  const mjVFS* vfs() const { return &vfs_; }

  // Absolute paths of all files opened so far, the model's own among them, sorted.
  std::vector<std::filesystem::path> opened() const;

  // Why a file was not opened though it is there, as the end of an error message; "" when none was refused.
  std::string refused() const;

 private:
  static int open(mjResource* resource);
  bool admits(const std::filesystem::path& file, uint64_t bytes);

  mjVFS vfs_{};
  mjpResourceProvider provider_{};
  mutable std::mutex mutex_;
  std::set<std::filesystem::path> opened_;
  std::vector<std::filesystem::path> roots_;
  std::string refused_;
};

// The folders whose files the model at `path` may name, and whether `file` lies in one of them; every file does when
// the user trusts the model.
std::vector<std::filesystem::path> model_roots(const std::filesystem::path& path);
bool lies_in(const std::filesystem::path& file, const std::vector<std::filesystem::path>& roots);

// What a task's hash covers of its model: the text of the file, of everything that it names with file="...",
// and the bytes of every further file of `opened`. A file that is named and not there adds its name.
std::string model_sources(const std::filesystem::path& path,
                          const std::vector<std::filesystem::path>& opened);

}  // namespace reverie::sim
