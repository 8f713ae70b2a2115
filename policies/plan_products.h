// The matrix products of one planned decision, as a list of shapes: what a plan cannot be faster than.
#pragma once

#include <vector>

#include "policies/config.h"
#include "policies/planner_config.h"
#include "policies/update_products.h"
#include "sim/env_spec.h"
#include "worldmodel/config.h"

namespace reverie {

// Mirrors Planner::act of one row; forward products only. The first decision of every sequence starts at the
// same latent, so there only the action's part of a first layer is a product over the sequences.
std::vector<UpdateProducts> products_of_plan(const EnvSpec& spec, const ModelConfig& model,
                                             const LearnerConfig& learner, const PlannerConfig& planner,
                                             const PlanBudget& budget);

}  // namespace reverie
