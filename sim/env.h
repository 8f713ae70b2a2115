// Env: one environment, a shared const task with an mjData of its own.
// It steps exactly like dm_control's legacy stepping.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "contract/env_spec.h"

struct mjModel_;
struct mjData_;

namespace reverie::sim {

class Task;  // sim/task/task.h: MJCF + task file, compiled; immutable and shared between threads

struct StepResult {
  double reward = 0.0;
  bool terminated = false;
  bool truncated = false;
  bool diverged = false;  // non-finite physics; neither the state nor `reward` (0) is to be learned from
};

class Env {
 public:
  // The first call is one of reset, reset_to and restore. `replacement`, copied, stands for the task's model:
  // the same sizes with other numbers, e.g. scaled gravity.
  explicit Env(std::shared_ptr<const Task> task, const mjModel_* replacement = nullptr);
  ~Env();
  Env(Env&&) noexcept;
  Env& operator=(Env&&) noexcept;

  const contract::EnvSpec& spec() const;

  // Start episode (seed, index): reset operations draw from their counter-based streams.
  void reset(uint64_t seed, uint64_t index);

  // One control step with `action` [A] (float32, cast once). Allocates nothing. When MuJoCo gives up, e.g.
  // because its arena is full, the episode diverged and the observation stays as it was; only a reset may follow.
  // Throws NonFiniteError (sim/task/finite_values.h) when an expression of the task is not finite though the physics is, as reset
  // does, and std::runtime_error for an action that is not finite.
  StepResult step(std::span<const float> action);
  StepResult step_exact(std::span<const double> action);  // the same, not rounded to float32
  // One control step with the raw control values [A] (double, no clipping): the CSV oracle.
  StepResult step_raw(std::span<const double> ctrl);

  std::span<const double> observation() const;   // [O] of the current state
  std::span<const double> privileged() const;    // items of group "privileged": never for the policy
  std::span<const double> signals() const;       // [G] of the current state, as EnvSpec::signals
  std::span<const double> reward_terms() const;  // [R] weighted, of the last step, as EnvSpec::reward_terms
  std::vector<double> randomisation() const;     // model numbers drawn for this episode, empty when none are
  int64_t steps() const;                         // control steps since reset
  // Why the last step diverged: MuJoCo's warning with its time; empty when it did not.
  const std::string& divergence() const;
  void copy_physics_state(std::span<double> out) const;  // [P] mjSTATE_INTEGRATION
  void copy_task_state(std::span<double> out) const;     // [S]

  // Restore a stored state, `step` control steps after its reset: the next step is bit-exact. That takes
  // mj_setState, then what ran last in the episode: the forward pass without actuation of a reset (step 0), or
  // mj_step1. observation() is recomputed; after step 0 it may differ in touch and force values (they belong to
  // the previous solve): callers use the stored observation.
  void restore(std::span<const double> physics, std::span<const double> task_state, uint64_t seed,
               uint64_t index, int64_t step);

  // Put a state as the CSV oracle does: mj_resetData, the given positions, velocities, activations and
  // mocap poses, then mj_forward with actuation disabled. The task's own reset operations do not run.
  void reset_to(std::span<const double> qpos, std::span<const double> qvel, std::span<const double> act,
                std::span<const double> mocap_pos, std::span<const double> mocap_quat, uint64_t seed,
                uint64_t index);

  const mjModel_* model() const;
  mjData_* data();  // for rendering and evaluation; changing it is the caller's business

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::sim
