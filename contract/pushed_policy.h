// A policy that random actions disturb now and then.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/policy.h"

namespace reverie::contract {

// `policy`, except that once in 50 decisions on average a uniformly random action takes over and is held for 5
// to 45 decisions. A policy soon does the same thing over and over; pushes keep the world moving. They
// are drawn from Stream::kEvaluation of each row's key. `policy` is not owned and must outlive the result.
std::unique_ptr<Policy> pushed_policy(Policy& policy, const EnvSpec& spec);

}  // namespace reverie::contract
