// Environments as Python steps them: one, or a batch with flat buffers.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "python/errors.h"
#include "sim/env.h"
#include "sim/task/task.h"
#include "sim/vector_env.h"

namespace reverie::python {

// sim::VectorEnv with a pool of its own. An episode whose physics diverges counts as truncated.
class PhysicsBatch {
 public:
  PhysicsBatch(std::shared_ptr<const sim::Task> task, int count, int threads, int repeat);

  const contract::EnvSpec& spec() const { return envs_.spec(); }
  const sim::VectorEnv& envs() const { return envs_; }
  std::span<const uint8_t> truncated() const { return truncated_; }

  // Begins the episodes first_index + i of `seed`.
  void reset(uint64_t seed, uint64_t first_index);
  // Puts positions [N, nq] and velocities [N, nv] in the place of those that reset() drew.
  void place(std::span<const double> qpos, std::span<const double> qvel);
  // True when an episode ended. Throws base::UserError for wrong actions [N, A], before anything moves.
  bool step(std::span<const float> actions);
  bool step(std::span<const double> actions);

 private:
  bool end_step();

  Owner owner_;
  int repeat_;
  base::ThreadPool pool_;
  sim::VectorEnv envs_;
  std::vector<uint8_t> truncated_;  // [N]
};

// sim::Env with float32 observations.
class PhysicsSingle {
 public:
  PhysicsSingle(std::shared_ptr<const sim::Task> task, int repeat);

  const contract::EnvSpec& spec() const { return env_.spec(); }
  std::span<const float> observation() const { return observation_; }

  void reset(uint64_t seed, uint64_t index);
  // The reward is the sum over the repeats.
  sim::StepResult step(std::span<const float> action);
  sim::StepResult step(std::span<const double> action);

 private:
  template <typename Step>
  sim::StepResult repeat(const Step& step);
  void read();

  Owner owner_;
  int repeat_;
  sim::Env env_;
  std::vector<float> observation_;  // [O]
};

// Adds Batch, Single, Task and task_ids to the module.
void add_environments(nanobind::module_& module);

}  // namespace reverie::python
