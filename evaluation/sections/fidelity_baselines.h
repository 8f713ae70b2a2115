// Rows and sentences of the fidelity section about what else could predict, and how fast errors grow.
#pragma once

#include <string>
#include <vector>

#include "evaluation/context.h"
#include "evaluation/section.h"

namespace reverie::evaluation {

// constant_velocity_error and linear_model_error by horizon; valid_time of the dream, of the linear model and of the
// chaos floor, the dream's as a share of the floor's; growth_rate of both; the horizon budget, see evaluation/horizon_budget.h. `set` has rollouts.
void add_baselines(Findings& findings, const Context& context, const HeldOut& set);

std::vector<std::string> baseline_sentences(const Findings& findings);

}  // namespace reverie::evaluation
