// What stepping a world and deciding in it take: seconds, on this machine, now.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "contract/env_spec.h"
#include "contract/policy.h"
#include "contract/world.h"

namespace reverie::evaluation {

// Seconds of each of `decisions` steps of `world` from `starts` under actions of zero, the one before them left out.
std::vector<double> step_seconds(contract::World& world, std::span<const contract::StartPoint> starts,
                                 const contract::EnvSpec& spec, int64_t decisions);

// Seconds that `policy` takes to choose each of `decisions` actions in `world`, one rollout, the first one left out.
std::vector<double> decision_seconds(contract::World& world, const contract::StartPoint& start,
                                     contract::Policy& policy, const contract::EnvSpec& spec, uint64_t seed,
                                     int64_t decisions);

}  // namespace reverie::evaluation
