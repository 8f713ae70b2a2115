// Task: an MJCF and one TOML file, compiled once and shared by all environments.
// It is immutable.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/env_spec.h"
#include "sim/task/drive.h"
#include "sim/task/training_settings.h"

struct mjModel_;
struct mjData_;

namespace reverie::sim {

class Task {
 public:
  // Load by id ("dmc/cartpole-swingup") from the scene directories, or by path to a .toml file. `overrides`
  // are "params.x=…" words. Throws UserError as file:line:column with the nearest valid name.
  static std::shared_ptr<const Task> load(std::string_view id_or_path,
                                          std::span<const std::string> overrides = {});

  ~Task();
  const contract::EnvSpec& spec() const;
  const mjModel_* model() const;  // shared and const
  const std::string& title() const;
  // Lines that a user should read once: what the engine said of the model, what of it is switched off.
  const std::vector<std::string>& warnings() const;

  // How a person drives the robot, an entry for each key pair, stick or mouse direction.
  const std::vector<DriveControl>& drive() const;
  // What suits a training of this task, where the file says it.
  const std::vector<TrainingSetting>& training() const;

  // The reward of the state in `data` under its ctrl: evaluation writes decoded states into an mjData and
  // asks this. Tasks whose reward reads commands, drawn variables or prev() want the row of task state that
  // belongs to it.
  double reward(const mjData_* data, std::span<const double> task_state = {}) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }  // for Env

 private:
  explicit Task(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Every task id found in the scene directories (sim/scene_files.h), sorted.
std::vector<std::string> list_tasks();

}  // namespace reverie::sim
