// The matrix products of one planned decision, as a list of shapes.
// They bound the speed: a plan cannot be faster than its products.
#pragma once

#include <vector>

#include "bench/update_products.h"
#include "contract/env_spec.h"
#include "policies/config.h"
#include "policies/planner_config.h"
#include "worldmodel/config.h"

namespace reverie::bench {

// Mirrors Planner::act of one row; forward products only. The first decision of every sequence starts at the
// same latent, so there only the action's part of a first layer that reads [z, a] is a product over the sequences. Empty
// for the mechanical kind (bench/model_layers.h).
std::vector<UpdateProducts> products_of_plan(const contract::EnvSpec& spec,
                                             const worldmodel::ModelConfig& model,
                                             const policies::LearnerConfig& learner,
                                             const policies::PlannerConfig& planner,
                                             const policies::PlanBudget& budget);

}  // namespace reverie::bench
