// A policy that draws every action uniformly from the action range.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/policy.h"
#include "contract/rng.h"

namespace reverie::contract {

// Row n draws from `stream` of its key. It keeps no state.
std::unique_ptr<Policy> random_policy(const EnvSpec& spec, Stream stream);

}  // namespace reverie::contract
