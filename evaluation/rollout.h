// Rollouts that evaluation is made of, in physics and in any World.
// They are fresh simulated episodes of a policy, and recorded actions played again; evaluation/closed_loop.h has the rest.
// In all of them row n draws by {seed, n, decision}. Asked to stop, they throw base::Interrupted before the next
// decision.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "base/thread_pool.h"
#include "contract/episode.h"
#include "contract/policy.h"
#include "contract/world.h"
#include "evaluation/decision_log.h"
#include "evaluation/progress.h"
#include "sim/task/task.h"

struct mjModel_;

namespace reverie::evaluation {

// Evaluation episodes have indices from here on: no training episode of any seed starts from the same draw.
constexpr uint64_t kEvaluationFirstIndex = uint64_t{1} << 40;

// Episodes first_index ... first_index + count - 1 of `seed`, played together, with the full physics state
// beside every step. `policy` begins anew. One decision is repeated for `action_repeat` control steps. Episodes
// that diverged are among them, marked.
struct RecordOptions {
  int count = 20;
  uint64_t seed = 0;
  uint64_t first_index = kEvaluationFirstIndex;
  int action_repeat = 1;
  std::string policy_name = {};     // goes into Episode::policy
  const mjModel_* model = nullptr;  // in the place of the task's, see sim/scaled_model.h
  const base::Stop* stop = nullptr;
  Progress progress = {};
};
std::vector<contract::Episode> record_episodes(const std::shared_ptr<const sim::Task>& task,
                                               contract::Policy& policy, const RecordOptions& options,
                                               base::ThreadPool& pool);

// What N rollouts of K decisions did, or what was recorded there, in one layout.
struct Rollouts {
  int observation_dim = 0;
  int64_t count = 0;             // N
  int64_t decisions = 0;         // K
  std::vector<int64_t> lengths;  // [N] decisions that were recorded after the start, at most K
  // [K+1, N, O]; row 0 is the start. Beyond lengths[n] it holds whatever the world says.
  std::vector<float> observations;
  std::vector<float> rewards;  // [K, N], summed over the control steps of a decision
  // Of a World only; empty for what was recorded.
  int nq = 0, nv = 0;
  std::vector<float> positions, velocities;  // [K+1, N, nq], [K+1, N, nv]
  std::vector<float> continuation;           // [K, N]
  std::vector<float> uncertainty;            // [K, N] World::uncertainty() after a decision
  std::vector<float> values;                 // [K+1, N] what a critic expects; empty when none was asked

  std::span<const float> observation(int64_t k, int64_t n) const {
    return {observations.data() + (k * count + n) * observation_dim, static_cast<size_t>(observation_dim)};
  }
  std::span<const float> position(int64_t k, int64_t n) const {
    return {positions.data() + (k * count + n) * nq, static_cast<size_t>(nq)};
  }
  std::span<const float> velocity(int64_t k, int64_t n) const {
    return {velocities.data() + (k * count + n) * nv, static_cast<size_t>(nv)};
  }
  float uncertainty_of(int64_t k, int64_t n) const {
    return uncertainty.empty() ? 0.0f : uncertainty[static_cast<size_t>(k * count + n)];
  }
  float reward(int64_t k, int64_t n) const { return rewards[static_cast<size_t>(k * count + n)]; }
  // Of a World only: the return of rollout n after `k` decisions, where a reward counts with the probability that the
  // episode goes on before it; and the probability that it goes on after them.
  double kept_return(int64_t n, int64_t k) const;
  double alive(int64_t n, int64_t k) const;
};

// The recorded truth of `decisions` decisions of `control_steps` control steps after each start.
Rollouts recorded(std::span<const contract::StartPoint> starts, int64_t decisions, int control_steps);

// `policy` acts in `world`, anew from each start; row n draws by {seed, n, decision}. `value` may be empty.
Rollouts play(contract::World& world, std::span<const contract::StartPoint> starts, contract::Policy& policy,
              uint64_t seed, int64_t decisions, const base::Stop* stop = nullptr,
              const Progress& progress = {}, const ValueFunction& value = {});

// Open loop: the recorded actions after each start, applied in `world`. Throws std::logic_error when the
// recorded action changes within a decision of the world: such a start is not at a decision's boundary.
Rollouts play_actions(contract::World& world, std::span<const contract::StartPoint> starts, int64_t decisions,
                      const base::Stop* stop = nullptr, const Progress& progress = {},
                      const ValueFunction& value = {});

}  // namespace reverie::evaluation
