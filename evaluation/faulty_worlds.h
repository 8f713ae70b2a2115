// Physics with a known fault, in the place of a dream: sections must find it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "contract/world.h"
#include "evaluation/context.h"
#include "evaluation/self_test.h"

namespace reverie::evaluation {

// `world`, whatever is done in it is not done: every action becomes `still` [A].
std::unique_ptr<contract::World> blind_world(contract::World& world, std::vector<float> still);

// `world`, whose every decision is paid bonus / (1 + observation_error()) more for being near `state` [O].
std::unique_ptr<contract::World> bribed_world(contract::World& world, std::vector<float> state,
                                              std::vector<double> spread, double bonus);

// Puts both in the place of the dream of `perfect`, which is physics: action_fidelity must see nothing of other actions in the
// first, and exploitability must find that the second promises what is not paid.
std::vector<SelfTestCase> faulty_world_cases(const Context& perfect);

}  // namespace reverie::evaluation
