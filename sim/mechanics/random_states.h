// Random states of a task, and what its expressions say in them.
// A question about a task that no formula answers is answered by trying. The draws are the same in every process.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/task/task_impl.h"

namespace reverie::sim {

class RandomStates {
 public:
  // `task` must outlive this.
  explicit RandomStates(const Task::Impl& task);

  // Put state `index`: positions a little beyond their limits, orientations, velocities, activations, controls, mocap
  // poses and the task's own numbers, all drawn.
  void draw(uint64_t index);
  // The same, as the state after the present one: prev() has the values that the last forward() found.
  void follow(uint64_t index);
  void move(int qpos, double by);
  // A forward pass and the task's expressions. May throw PhysicsError.
  void forward();

  const mjData* data() const { return data_.get(); }
  std::span<const double> slots() const { return slots_; }  // of the task's program

 private:
  const Task::Impl& task_;
  DataPtr data_;
  std::vector<double> task_state_, slots_;
};

}  // namespace reverie::sim
