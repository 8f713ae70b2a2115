// Think levels, and the settings of planning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"

namespace reverie::policies {

// 0: the actor's mean action. 1 to 3: planned, with a growing budget. adaptive: planned only where it pays.
enum class Think : uint8_t { kActor, kLight, kMedium, kDeep, kAdaptive };

// The think level of "0", "1", "2", "3" or "adaptive"; throws UserError naming these for any other text.
Think parse_think(std::string_view text);
std::vector<std::string> think_choices();  // these words, for a setting
std::string think_name(Think think);

// Sequences scored in each of `iterations` rounds.
struct PlanBudget {
  int64_t samples = 0;
  int64_t iterations = 0;
};
PlanBudget budget_of(Think think);  // of kActor none, of kAdaptive that of kDeep

// What each key means and may be stands in fields(), which lists them for `planner.<key>=<value>`.
struct PlannerConfig {
  int64_t horizon = 3;
  double prior_share = 0.05;
  double elite_share = 0.125;
  double temperature = 0.5;
  double min_std = 0.05;
  double max_std = 2.0;
  double pessimism = 0.0;
  // Negative: a plan pays for uncertainty. Without that a search finds where the model is wrong in its favour,
  // and plans promised more and earned less.
  double uncertainty_weight = -10.0;
  double gain_threshold = 0.2;  // less is the model's error
  double patience = 10.0;       // PlanTrust
};

int64_t prior_count(const PlannerConfig& config, const PlanBudget& budget);  // sequences of the actor, >= 1

std::vector<base::Field> fields(PlannerConfig& config, const std::string& prefix = "planner.");

// Throws UserError naming the first key whose value is not allowed, by itself or beside the others.
void check_config(PlannerConfig config);

}  // namespace reverie::policies
