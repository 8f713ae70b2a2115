// Closed loop: a policy acting in a world by itself, and what it meets there.
// Under recorded actions a robot falls as soon as its dream is a little off; here the policy answers to what it sees.
// So worlds are compared by what is met in them: returns, and the distribution of every observation.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/stop.h"
#include "contract/episode.h"
#include "contract/policy.h"
#include "contract/world.h"
#include "evaluation/decision_log.h"
#include "evaluation/progress.h"

namespace reverie::evaluation {

// The states after every decision of every rollout, as long as its episode goes on. The start is not among them.
struct Visits {
  std::vector<double>
      returns;  // [N] a reward counts with the probability that the episode still goes on before it
  int observation_dim = 0, nq = 0, nv = 0;
  std::vector<float> observations;           // [M, O] decision by decision
  std::vector<float> positions, velocities;  // [M, nq], [M, nv]; what the world reads from its state
  std::vector<int32_t> rollouts;             // [M] whose state it is; those of one rollout are in their order

  int64_t states() const {  // M
    return observation_dim == 0 ? 0 : static_cast<int64_t>(observations.size()) / observation_dim;
  }
  // [M] of one observation dimension. What is not a number is infinite: as far away as can be.
  std::vector<double> observation(int dimension) const;
};

// `control_steps` after each start with `policy` acting in `world` from its latents and observations, anew in every
// rollout; row n draws by {seed, n, decision}. An episode goes on as long as the product of its continuations is at
// least one half. Of a decision that reaches beyond `control_steps` the part before it is paid, and its state is left
// out. With `log`, every decision of every rollout is written there, whether its episode goes on or not; its `value` may be
// set. Throws base::Interrupted when `stop` is asked for.
Visits closed_loop(contract::World& world, std::span<const contract::StartPoint> starts,
                   contract::Policy& policy, const contract::EnvSpec& spec, uint64_t seed,
                   int64_t control_steps, const base::Stop* stop = nullptr, const Progress& progress = {},
                   DecisionLog* log = nullptr);

// The same of episodes that were recorded in decisions of `control_steps`.
Visits recorded_visits(std::span<const contract::Episode> episodes, const contract::EnvSpec& spec,
                       int control_steps);

// The returns alone [N].
std::vector<double> closed_loop_returns(contract::World& world, std::span<const contract::StartPoint> starts,
                                        contract::Policy& policy, const contract::EnvSpec& spec,
                                        uint64_t seed, int64_t control_steps,
                                        const base::Stop* stop = nullptr, const Progress& progress = {});

// Kolmogorov-Smirnov distances [O] of the observations of two closed loops; NaN for a dimension that does not vary in
// `truth` (kSmallestSpread) or where one has no state.
struct ObservationDistances {
  std::vector<double> ks;            // [O]
  double mean = 0.0, largest = 0.0;  // over the dimensions that vary; NaN when none does
  int largest_dimension = 0;
};
ObservationDistances compare_observations(const Visits& truth, const Visits& world);

}  // namespace reverie::evaluation
