// Paths in a run directory, its lock, and the names of its checkpoints.
//
//   config.toml  metrics.jsonl  run.log
//   checkpoints/<steps, 9 digits>/...   checkpoints/last -> one of them, replaced atomically; best and
//   most_faithful likewise
//   episodes/shard-NNNNNN.safetensors   evaluation/
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "training/config.h"

namespace reverie::training {

// True when the directory looks like a run (config.toml is there).
bool is_run_directory(const std::filesystem::path& path);

// A run and one of its checkpoints: a directory name like "000040000", or "last", "best", ...
struct RunName {
  std::filesystem::path run;
  std::string checkpoint;
};

// The parts of "RUN" (its last checkpoint) or "RUN@CHECKPOINT"; a path that is there may have an @ too. Whether they
// exist is not asked.
RunName split_run_name(const std::string& text);

// Another run, or something else, has the name: with another name the training can begin.
class RunTaken : public base::UserError {
 public:
  using base::UserError::UserError;
};

// Make the directory with its config.toml. Throws RunTaken when something other than an empty directory is
// there.
void create_run_directory(const std::filesystem::path& run, const TrainConfig& config);
// Make its folders where they are missing: of a run that was killed when only its config.toml was there.
void create_run_folders(const std::filesystem::path& run);

// What tells the files of a run from those of another one: 16 hex digits that follow from the configuration it began
// with, so that they stay when the training is prolonged. "" of a run that is older, or when there is no config.toml.
std::string read_run_id(const std::filesystem::path& run);
// True when two files with these ids may be of one run: files that are older have none.
inline bool is_same_run(std::string_view a, std::string_view b) { return a.empty() || b.empty() || a == b; }

// Replace config.toml, atomically; the run's id stays.
void write_run_config(const std::filesystem::path& run, const TrainConfig& config);

// The resolved configuration of a run. Throws UserError when `run` is not a run directory, naming what is
// missing, or when config.toml is damaged.
TrainConfig read_run_config(const std::filesystem::path& run);

// checkpoints/<step with 9 digits>; what a step is: Checkpoint
std::filesystem::path checkpoint_directory(const std::filesystem::path& run, int64_t step);

// Let checkpoints/<link> ("last", "best" or "most_faithful") name an existing checkpoint directory; atomic.
void link_checkpoint(const std::filesystem::path& run, std::string_view link, int64_t step);

// True of the name of a checkpoint's directory: digits alone.
bool is_step_name(std::string_view name);

// Names of all checkpoints that are complete, oldest first: "000005000", ...
std::vector<std::string> list_checkpoints(const std::filesystem::path& run);

// Held while a process trains in a run directory; released when the process ends, however it ends.
class RunLock {
 public:
  // Throws RunTaken when another process holds it.
  explicit RunLock(const std::filesystem::path& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int file_;
};

// Makes the directory of a new run and holds it, so that of several processes one gets it. Throws RunTaken as
// create_run_directory and RunLock.
RunLock lock_new_run(const std::filesystem::path& run);

// The bytes of all files in `directory` and below it.
int64_t disk_bytes(const std::filesystem::path& directory);

// True when a process is training in `run` now.
bool is_locked(const std::filesystem::path& run);

// The directory name of "last", "best", "most_faithful" or a step ("5000", "000005000"). Throws UserError listing what exists.
std::string resolve_checkpoint(const std::filesystem::path& run, std::string_view checkpoint);

// `parent`/<name>-<local time>, with -2, -3, ... when taken; `name` with '/' as '-', and of a task file its
// stem. Another process may take it before the directory is made: lock_new_run says so.
std::filesystem::path fresh_run_path(const std::filesystem::path& parent, std::string_view name);

}  // namespace reverie::training
