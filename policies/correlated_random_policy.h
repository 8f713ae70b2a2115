// A random policy whose actions keep their direction for a while.
// It plays the first episodes of a training.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/policy.h"

namespace reverie::policies {

// Every action is uniform in the action range; those of successive decisions are correlated as the exploration
// noise of `octaves` octaves is (policies/exploration_noise.h). It keeps no state.
std::unique_ptr<contract::Policy> correlated_random_policy(const contract::EnvSpec& spec, int64_t octaves);

}  // namespace reverie::policies
