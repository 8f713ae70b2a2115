// ActionControls: the controls that a task makes of actions, without a step of physics.
// What the task delays or filters goes on from action to action, as it does in an environment.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sim/model.h"

namespace reverie::sim {

class Task;

class ActionControls {
 public:
  explicit ActionControls(std::shared_ptr<const Task> task);

  // Goes on from a state [S] of the task.
  void begin(std::span<const double> task_state);

  // Writes the controls of `action` [A] into a state [P] of physics.
  void apply(std::span<const float> action, std::span<double> physics);

 private:
  std::shared_ptr<const Task> task_;
  DataPtr data_;
  std::vector<double> task_state_, action_;
};

}  // namespace reverie::sim
