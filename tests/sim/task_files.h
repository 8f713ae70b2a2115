// Task files written by tests into a folder of their own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/task/task.h"

namespace reverie::sim {

// A fresh folder, removed with the object.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  std::string write(const std::string& name, const std::string& text) const;  // the file's path
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A two-joint arm on a slide with a free ball, a mocap body, sensors and a keyframe.
extern const char* const kArmModel;
// Everything a task file must have, with `more` appended after it.
std::string arm_task(const std::string& more = "");
// The same with one observation, `expr`.
std::string arm_task_observing(const std::string& expr);

// Load `text` beside kArmModel.
std::shared_ptr<const Task> load_arm(const std::string& text, const std::vector<std::string>& overrides = {});
// what() of the UserError that loading throws; "" when it loads.
std::string load_error(const std::string& text, const std::vector<std::string>& overrides = {});

}  // namespace reverie::sim
