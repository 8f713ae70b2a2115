// DecisionLog: what a policy did in a world and what the world paid, decision by decision.
// Kept once for the sections that take returns apart. It needs 4 (A + nq + nv + 3) + 8 bytes for each decision of each
// rollout: 2 MB for 20 episodes of 500 decisions of a walker. A world that tells its physics adds 8 (P + S).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "contract/env_spec.h"
#include "contract/world.h"

namespace reverie::evaluation {

// Latents [N, Z] of a world -> values [N]: the discounted return that a critic expects from there on, in the unit of the
// task's rewards.
using ValueFunction = std::function<void(std::span<const float>, std::span<float>)>;

// N rollouts of K decisions, decision by decision. States and values are those before a decision.
struct DecisionLog {
  ValueFunction value;                 // set by the caller; empty: `values` stays empty
  int64_t count = 0, decisions = 0;    // N, K
  int64_t length = 0;                  // control steps that count: the last decision may reach beyond them
  int control_steps = 1;               // a decision
  int action_dim = 0, nq = 0, nv = 0;  // A; widths of a state, 0 where the world tells none
  int physics_dim = 0, task_dim = 0;   // P, S of a world that tells its physics, else 0
  std::vector<float> actions;          // [K, N, A]
  std::vector<float> rewards;          // [K, N] that the world answers, summed over the control steps
  std::vector<float> continuation;     // [K, N]
  std::vector<double> alive;  // [K, N] probability that the episode still goes on before the decision
  std::vector<float> positions, velocities;  // [K, N, nq], [K, N, nv]
  std::vector<double> physics, tasks;        // [K, N, P], [K, N, S]
  std::vector<float> values;                 // [K, N]

  size_t at(int64_t k, int64_t n) const { return static_cast<size_t>(k * count + n); }
  // The part of decision k that lies within `length`, in (0, 1].
  double part(int64_t k) const;
  // What decision k of rollout n counts in its return: its part times alive.
  double weight(int64_t k, int64_t n) const { return part(k) * alive[at(k, n)]; }

  template <typename T>
  std::span<const T> row(const std::vector<T>& values_of, int64_t k, int64_t n, int width) const {
    return {values_of.data() + at(k, n) * static_cast<size_t>(width), static_cast<size_t>(width)};
  }
};

// Forgets what is logged and prepares for `length` control steps of `world` as its reset left it.
void begin_log(DecisionLog& log, const contract::World& world, const contract::EnvSpec& spec, int64_t length);

// The present of `world`, before a decision. `alive` [N].
void log_state(DecisionLog& log, const contract::World& world, std::span<const double> alive);

// What `world` answered to `actions` [N, A].
void log_answer(DecisionLog& log, const contract::World& world, std::span<const float> actions);

}  // namespace reverie::evaluation
