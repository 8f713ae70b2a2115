// The engine's calls of a control step and nothing else.
// They bound the speed of environments: none on this engine can be faster.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/thread_pool.h"
#include "sim/task/task.h"

namespace reverie::bench {

class RawLoop {
 public:
  // Plays the episodes 0 .. count-1 of `seed` once under `actions` [T, count, A] and keeps their start states
  // and the controls that the engine got. Throws UserError when an episode ends before step T, or when the
  // task does more to the engine than controls (pushes, drawn models).
  RawLoop(const std::shared_ptr<const sim::Task>& task, int count, uint64_t seed,
          std::span<const float> actions);
  ~RawLoop();

  void rewind();  // back to the start states
  // Plays all T control steps of every episode, one episode after another on a thread.
  void play(base::ThreadPool& pool);

  void copy_physics_state(int i, std::span<double> out) const;  // [P] of episode i now

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::bench
