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

std::vector<std::string> think_choices() { return {kNames.begin(), kNames.end()}; }

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

std::vector<base::Field> fields(PlannerConfig& c, const std::string& prefix) {
  using base::above, base::above_up_to, base::at_least;
  return base::with_prefix(
      prefix,
      {
          {"horizon", &c.horizon, "decisions looked ahead before the critic takes over", at_least(1)},
          {"prior_share", &c.prior_share, "share of the samples that the actor proposes, scored once",
           above_up_to(0, 1)},
          {"elite_share", &c.elite_share, "share of the samples from which the next mean and deviation come",
           above_up_to(0, 1)},
          {"temperature", &c.temperature,
           "of the elites' weights, relative to the standard deviation of their scores", above(0)},
          {"min_std", &c.min_std,
           "smallest deviation of sampled actions, which are in [-1, 1]; at most max_std", at_least(0)},
          {"max_std", &c.max_std, "largest deviation of sampled actions; the first one"},
          {"pessimism", &c.pessimism, "value at the end: 0 the critics' mean, 1 the least of them"},
          {"uncertainty_weight", &c.uncertainty_weight,
           "of the dynamics heads' spread in an imagined reward; negative avoids it"},
          {"gain_threshold", &c.gain_threshold,
           "by which a plan must beat the actor to be played, as a share of what a decision is worth, "
           "(1 - discount) |score of the actor|; think=adaptive plans on while a search gains more"},
          {"patience", &c.patience,
           "decisions' worth that plans may lose before the actor acts alone for a while", above(0)},
      });
}

void check_config(PlannerConfig config) {
  base::check_fields(fields(config));
  if (!(config.min_std <= config.max_std)) {
    base::throw_user_error("planner.min_std: expected from 0 to planner.max_std ({}), found {}",
                           config.max_std, config.min_std);
  }
}

}  // namespace reverie::policies
