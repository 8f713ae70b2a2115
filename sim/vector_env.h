// VectorEnv: N environments over a thread pool, with flat preallocated buffers.
// Autoreset is SAME_STEP: when an episode ends, its true last observation is in final_observations, and
// observations already holds the first one of the next episode.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "contract/episode.h"
#include "sim/env.h"

struct mjModel_;

namespace reverie::sim {

class VectorEnv {
 public:
  // Environment i plays the episodes first_index + i, first_index + i + N, ... of `seed`. The pool
  // is shared, not owned. `model` has the task's sizes with other numbers (sim/scaled_model.h); it is copied.
  VectorEnv(const std::shared_ptr<const Task>& task, int count, uint64_t seed, uint64_t first_index,
            base::ThreadPool& pool, const mjModel_* model = nullptr);
  ~VectorEnv();

  int size() const;  // N
  const contract::EnvSpec& spec() const;

  void reset();  // start the first episode of every environment
  // The same with another seed and other episodes: environment i now plays first_index + i, first_index + i + N, ...
  void reset(uint64_t seed, uint64_t first_index);

  // Begins the running episode of environment i anew, at these positions [nq] and velocities [nv]: Env::reset_to, with
  // mocap bodies where they are. Throws std::logic_error while recording.
  void place(int i, std::span<const double> qpos, std::span<const double> qvel);

  // `repeat` control steps of all environments under the same actions [N, A]; rewards are summed, and an
  // environment whose episode ends rests until the next call. No allocation after warm-up unless recording.
  // When the task throws (Env::step, Env::reset), the recordings are as before this call, and the
  // environments can only be reset or resumed.
  void step(std::span<const float> actions, int repeat = 1);
  void step_exact(std::span<const double> actions,
                  int repeat = 1);  // the same by Env::step_exact; recordings round

  // Results of the last step. final_observations() holds an episode's true last observation where it
  // ended, else what observations() does. After a divergence the reward is 0 and the last finite
  // observation is the final one; the recording ends with the row before.
  std::span<const float> observations() const;        // [N, O] after autoreset
  std::span<const float> final_observations() const;  // [N, O]
  std::span<const float> rewards() const;             // [N]
  std::span<const uint8_t> terminated() const;        // [N]
  std::span<const uint8_t> truncated() const;         // [N]
  std::span<const uint8_t> diverged() const;          // [N]
  std::span<const int64_t> steps() const;             // [N] of the running episodes, 0 after autoreset
  std::span<const uint64_t> episode_indices() const;  // [N] of the running episodes
  void copy_physics_state(int i, std::span<double> out) const;  // [P] of the running episode of environment i
  int64_t control_steps() const;  // made by all environments in the last step, diverged ones included

  // Recording keeps an Episode per environment, from the next episode that begins. take_finished() hands out
  // those that ended since the last call, ordered by episode index; running() is the episode in progress of
  // environment i and throws std::logic_error when it is not recorded.
  void set_recording(bool on);
  std::vector<contract::Episode> take_finished();
  const contract::Episode& running(int i) const;

  // Continue a partial episode in environment i (resume): restores its last row. Throws UserError when it is
  // of another task, std::logic_error when it has ended or is of another seed.
  void resume(int i, const contract::Episode& partial);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::sim
