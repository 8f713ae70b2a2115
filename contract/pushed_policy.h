// Policies that random actions disturb now and then.
// A policy soon does the same thing over and over; pushes keep the world moving. Once in 50 decisions on average a
// uniformly random action takes over and is held for 5 to 45 decisions.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/policy.h"

namespace reverie::contract {

// `policy`, pushed in every episode. Pushes are drawn from Stream::kEvaluation of each row's key. `policy` is not owned
// and must outlive the result.
std::unique_ptr<Policy> pushed_policy(Policy& policy, const EnvSpec& spec);

// `policy`, pushed in a `share` of the episodes, drawn by Stream::kPush of the key; `policy` itself when it is 0. What
// it does depends on the keys alone, so that it may take over in the middle of an episode.
std::unique_ptr<Policy> pushed_in_some_episodes(std::unique_ptr<Policy> policy, const EnvSpec& spec,
                                                double share);

}  // namespace reverie::contract
