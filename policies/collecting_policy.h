// The policy that collects training data.
// It plans in some episodes and lets the exploring actor act in the others.
#pragma once

#include <memory>

#include "contract/policy.h"

namespace reverie::policies {

// Rows whose key.episode is among the planned ones act by `planner`, the others by `actor`. Planned episodes are
// spread evenly: of any n episodes in a row, n * planned_share are planned, rounded up or down. `planner` is
// asked for one row at a time, so it must keep no state between decisions, as an exploring PlannerPolicy does;
// null means that no episode is planned.
std::unique_ptr<contract::Policy> collecting_policy(std::unique_ptr<contract::Policy> actor,
                                                    std::unique_ptr<contract::Policy> planner,
                                                    double planned_share);

}  // namespace reverie::policies
