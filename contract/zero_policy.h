// A policy whose every action is zero, or the nearest value within the action range.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/policy.h"

namespace reverie::contract {

std::unique_ptr<Policy> zero_policy(const EnvSpec& spec);

}  // namespace reverie::contract
