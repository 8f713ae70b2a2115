// A policy disturbed now and then by a random action that is held for a while.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/policy.h"

namespace reverie::contract {

// `policy`, except that once in 50 decisions on average a uniformly random action takes over and is held for 5
// to 45 decisions. What a policy does is soon the same thing over and over; this keeps the world moving. Pushes
// are drawn from Stream::kEvaluation of each row's key. `policy` is not owned and must outlive the result.
std::unique_ptr<Policy> pushed_policy(Policy& policy, const EnvSpec& spec);

}  // namespace reverie::contract
