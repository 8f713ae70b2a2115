// A planner as a policy of evaluation.
#pragma once

#include <cstdint>

#include "evaluation/rollout.h"
#include "policies/planner.h"

namespace reverie::evaluation {

// Rows in step from the start of their episodes; noise of row n in call t comes from (seed, n, t). A copy
// goes on from where the original is, so keep one unused to start again.
Policy planned_policy(policies::Planner planner, uint64_t seed);
Policy planned_latent_policy(policies::Planner planner, uint64_t seed);  // the same for latents
WorldPolicy planned_world_policy(policies::Planner planner,
                                 uint64_t seed);  // for the latents of an imagined world

}  // namespace reverie::evaluation
