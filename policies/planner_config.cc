#include "policies/planner_config.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"

namespace reverie::policies {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"0", "1", "2", "3", "adaptive"};

}  // namespace

Think parse_think(std::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) return static_cast<Think>(i);
  }
  base::throw_user_error("think: found '{}', expected 0, 1, 2, 3 or adaptive", text);
}

std::string think_name(Think think) { return std::string(kNames[static_cast<size_t>(think)]); }

PlanBudget budget_of(Think think) {
  switch (think) {
    case Think::kActor:
      return {};
    case Think::kLight:
      return {.samples = 64, .iterations = 2};
    case Think::kMedium:
      return {.samples = 256, .iterations = 4};
    case Think::kDeep:
    case Think::kAdaptive:
      break;
  }
  return {.samples = 512, .iterations = 6};
}

int64_t prior_count(const PlannerConfig& config, const PlanBudget& budget) {
  const auto wanted = std::lround(config.prior_share * static_cast<double>(budget.samples));
  return std::clamp<int64_t>(wanted, 1, std::max<int64_t>(1, budget.samples - 1));
}

std::vector<base::Field> fields(PlannerConfig& config, const std::string& prefix) {
  return {
      {prefix + "horizon", &config.horizon, "decisions looked ahead before the critic takes over, >= 1", {}},
      {prefix + "prior_share",
       &config.prior_share,
       "share of the samples that the actor proposes, (0, 1)",
       {}},
      {prefix + "elite_share",
       &config.elite_share,
       "share of the samples from which the next mean and deviation come, (0, 1]",
       {}},
      {prefix + "temperature",
       &config.temperature,
       "of the elites' weights, relative to the spread of their scores, > 0",
       {}},
      {prefix + "min_std", &config.min_std, "smallest deviation of sampled actions, >= 0", {}},
      {prefix + "max_std", &config.max_std, "largest deviation of sampled actions; the first one", {}},
      {prefix + "pessimism",
       &config.pessimism,
       "value at the end: 0 the critics' mean, 1 the least of them",
       {}},
      {prefix + "uncertainty_weight",
       &config.uncertainty_weight,
       "of the dynamics heads' spread in an imagined reward; negative avoids it",
       {}},
      {prefix + "gain_threshold",
       &config.gain_threshold,
       "least gain of a plan over the actor, relative to what a decision is worth, >= 0",
       {}},
      {prefix + "patience",
       &config.patience,
       "decisions' worth that plans may lose before the actor acts alone for a while, > 0",
       {}},
  };
}

}  // namespace reverie::policies
