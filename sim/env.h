// One environment: a shared const task and an mjData of its own. Steps exactly like dm_control's legacy stepping.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "sim/env_spec.h"

struct mjModel_;
struct mjData_;

namespace reverie {

class Task;  // sim/task.h: MJCF + task file, compiled; immutable and shared between threads

struct StepResult {
  double reward = 0.0;
  bool terminated = false;
  bool truncated = false;
  bool diverged = false;  // non-finite physics (mjData.warning); the state is not to be learned from
};

class Env {
 public:
  // `model` replaces the task's own (same sizes, other numbers, e.g. scaled gravity); null: the task's, shared.
  explicit Env(std::shared_ptr<const Task> task, std::shared_ptr<const mjModel_> model = nullptr);
  ~Env();
  Env(Env&&) noexcept;
  Env& operator=(Env&&) noexcept;

  const EnvSpec& spec() const;

  // Start episode (seed, index): reset operations draw from their counter-based streams.
  void reset(uint64_t seed, uint64_t index);

  // One control step with `action` [A] (float32, cast once). Allocates nothing.
  StepResult step(std::span<const float> action);
  // The same with the raw double values (no clipping): reverie replay.
  StepResult step_raw(std::span<const double> ctrl);

  std::span<const double> observation() const;        // [O] of the current state
  int64_t steps() const;                              // control steps since reset
  void copy_physics_state(std::span<double> out) const;  // [P] mjSTATE_INTEGRATION
  void copy_task_state(std::span<double> out) const;     // [S]

  // Restore a stored state: mj_setState + mj_step1, so the next step is bit-exact. observation() is recomputed and may
  // differ in touch and force values (they belong to the previous solve): callers use the stored observation.
  void restore(std::span<const double> physics, std::span<const double> task_state, uint64_t seed, uint64_t index,
               int64_t step);

  const mjModel_* model() const;
  mjData_* data();  // for rendering and evaluation; changing it is the caller's business

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie
