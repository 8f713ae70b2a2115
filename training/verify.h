// Verification: whether the files of a run, a dataset or a report are as they were written.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/stop.h"

namespace reverie::training {

enum class FileState {
  kOk,          // it can be read and fits its checksum
  kDamaged,     // it cannot be read, does not fit its checksum, or is not the file that belongs here
  kNotChecked,  // it can be read and has no checksum: of an older version, or of another program
};

const char* state_name(FileState state);  // "ok", "damaged", "not checked"

struct FileCheck {
  std::string file;  // relative to what is verified; a directory where several files do not fit together
  FileState state = FileState::kOk;
  std::string why;  // "" when ok
};

struct Verification {
  std::string kind;  // "run", "dataset", "report"
  std::vector<FileCheck> files;
  std::string resume;    // of a run, in words: from where it can be resumed, or why it cannot
  bool resumes = false;  // of a run

  bool whole() const;  // nothing is damaged
};

// A run directory, a directory of episodes, or a report (its directory or report.json). Reads every file of it once or
// twice. Throws UserError when `path` is none of these, and base::Interrupted.
Verification verify(const std::filesystem::path& path, const base::Stop* stop = nullptr);

}  // namespace reverie::training
