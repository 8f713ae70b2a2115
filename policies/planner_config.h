// How much to plan for one decision, and how.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"

namespace reverie::policies {

// 0: the actor's mean action. 1 to 3: planned, with a growing budget. adaptive: planned only where it pays.
enum class Think : uint8_t { kActor, kLight, kMedium, kDeep, kAdaptive };

// From "0", "1", "2", "3" or "adaptive"; throws UserError naming these otherwise.
Think parse_think(std::string_view text);
std::string think_name(Think think);

// Sequences scored in each of `iterations` rounds.
struct PlanBudget {
  int64_t samples = 0;
  int64_t iterations = 0;
};
PlanBudget budget_of(Think think);  // of kActor none, of kAdaptive that of kDeep

struct PlannerConfig {
  int64_t horizon = 3;         // decisions looked ahead before the critic takes over
  double prior_share = 0.05;   // of the samples: sequences of the actor, scored once
  double elite_share = 0.125;  // of the samples: the best, from which the next mean and deviation come
  double temperature = 0.5;    // of the elites' weights, in units of their standard deviation of score
  double min_std = 0.05;       // bounds of the sampling deviation, actions being in [-1, 1]
  double max_std = 2.0;
  double pessimism = 0.0;  // value at the end: mean - pessimism * (mean - least) of the critics
  // Of the dynamics heads' spread in each imagined decision's reward. Without it a search finds where the
  // model is wrong in its favour: what it promised rose and what it earned fell.
  double uncertainty_weight = -10.0;
  // By which a plan must beat the actor to be played, as a share of what a decision is worth, (1 - discount)
  // |score of the actor|: less is the model's error. think=adaptive goes on planning while a search gains
  // more than that.
  double gain_threshold = 0.2;
  // How many decisions' worth, likewise, played plans may lose of what the actor had before it acts alone for
  // a while (PlanTrust).
  double patience = 10.0;
};

int64_t prior_count(const PlannerConfig& config, const PlanBudget& budget);  // sequences of the actor, >= 1

std::vector<base::Field> fields(PlannerConfig& config, const std::string& prefix);

}  // namespace reverie::policies
