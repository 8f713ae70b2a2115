// Does a dream rank policies as physics does?
// Many policies, from very good to very bad, act from the same starts in both worlds.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "contract/policy.h"
#include "contract/world.h"
#include "evaluation/progress.h"
#include "report/statistics.h"

namespace reverie::evaluation {

// A policy that acts from observations: other checkpoints cannot read a model's latents.
struct Rival {
  std::string name;  // "000020000, 1/3 random"
  std::shared_ptr<contract::Policy> policy;
};

inline constexpr int kFewestRivals = 20;       // fewer tell little of an order
inline constexpr int kRankingCheckpoints = 6;  // at most, evenly spread over those that there are
inline constexpr int kRankingStarts = 4;       // episodes of every policy, the same for all

// `policy`, whose action is mixed with a random one: (1 - share) a + share u, u uniform within the action range.
std::shared_ptr<contract::Policy> blended_policy(std::shared_ptr<contract::Policy> policy, double share,
                                                 const contract::EnvSpec& spec);

// kFewestRivals policies or more: each of `checkpoints` at as many random shares below 1 as it takes, the random and the
// zero policy. Empty without checkpoints.
std::vector<Rival> make_rivals(const std::vector<Rival>& checkpoints, const contract::EnvSpec& spec);

// Mean returns over the starts, [P] each.
struct RivalReturns {
  std::vector<double> simulated, imagined;
};

// All rivals act at once, `control_steps` after every start, in `physics` and then in `dream`.
RivalReturns play_rivals(contract::World& physics, contract::World& dream,
                         std::span<const contract::StartPoint> starts, std::span<const Rival> rivals,
                         const contract::EnvSpec& spec, uint64_t seed, int64_t control_steps,
                         const base::Stop* stop = nullptr, const Progress& progress = {});

// Agreement with bootstrap 95% intervals over policies. `mmrv` and `regret` take what physics pays first: it gives the size
// of a violation, the dream only the order. Both are in units of return.
struct RankingScores {
  report::Estimate pearson, spearman, kendall, mmrv, regret;
};
RankingScores score_ranking(const RivalReturns& returns, uint64_t seed);

}  // namespace reverie::evaluation
