// A policy that repeats what was recorded: the actions after given start points.
#pragma once

#include <memory>
#include <span>

#include "contract/policy.h"
#include "contract/world.h"

namespace reverie::contract {

// Row n plays the actions after starts[n], one decision of `control_steps` control steps after another, and the
// last recorded action again and again when the record is over. A row that is reset plays from its start again.
// act() throws std::logic_error when the recorded action changes within a decision: such a start is not at a
// decision's boundary. reset() throws std::logic_error for another number of rows than starts. The episodes must
// outlive the policy.
std::unique_ptr<Policy> recorded_policy(std::span<const StartPoint> starts, int control_steps);

}  // namespace reverie::contract
