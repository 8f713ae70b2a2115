// Injected faults: errors of known size, put into the simulator, that sections must find.
#pragma once

#include <vector>

#include "contract/policy.h"
#include "contract/world.h"
#include "evaluation/context.h"
#include "evaluation/self_test.h"

namespace reverie::evaluation {

// `context` is that of the self-test: `world` is the simulator as its own model, and `policy` acts in it as recorded.
//   return_terms            largest term and residual of the simulator itself, over the largest return: 0
//   injected_bias_in_terms  a bias b of every decision's reward: the reward term is b times the decisions; ok only when state
//                           drift and bootstrap error stay what they were
//   injected_wrong_state    a reward head that pays for one state for which the task pays least: states that the audit flags
//   injected_optimism       the same: 1 when a sequence that fails in physics then succeeds in the dream; absent when no
//                           sequence fails
//   injected_overconfidence noise in the observations of a world that is never uncertain: 1 when calibration is at fault
void add_injected_faults(std::vector<SelfTestCase>& cases, const Context& context, contract::World& world,
                         contract::Policy& policy);

}  // namespace reverie::evaluation
