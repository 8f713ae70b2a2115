// StepRegister: which environments of a task are in a step of the physics now, for a watcher on another thread.
// Nothing breaks the engine off from outside; whoever watches can only say which environment it was.
#pragma once

#include <cstdint>
#include <vector>

namespace reverie::sim {

class Task;

// An environment, by the order in which they were made, and how many of its calls that run the physics had ended before this
// one.
struct RunningStep {
  uint64_t environment = 0;
  uint64_t call = 0;
  bool operator==(const RunningStep&) const = default;
};

// Those of `task` that are within such a call. From any thread, while environments come and go.
std::vector<RunningStep> running_steps(const Task& task);

}  // namespace reverie::sim
