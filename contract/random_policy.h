// A policy that draws every action uniformly from the action range.
#pragma once

#include <memory>
#include <span>

#include "contract/env_spec.h"
#include "contract/policy.h"
#include "contract/rng.h"

namespace reverie::contract {

// An action [A] uniform between `low` and `high` [A], drawn from `rng` in the order of its entries.
void draw_action(Rng& rng, std::span<const float> low, std::span<const float> high, std::span<float> action);

// Row n draws from `stream` of its key. It keeps no state.
std::unique_ptr<Policy> random_policy(const EnvSpec& spec, Stream stream);

}  // namespace reverie::contract
