// Finds where each number of an observation comes from, by comparing values in random states.
// It needs no knowledge of the expressions, so it holds for any task.
#pragma once

#include <vector>

#include "contract/mechanics.h"
#include "sim/mechanics/random_states.h"

namespace reverie::sim {

constexpr int kSourceDraws = 24;

// One for each number that the policy sees. Copies come first: of a position, a velocity, a cosine or sine, a body's
// place or rotation; then offset + scale * one of them, to 1e-6 of its spread. kOther: what is constant, depends on
// more, or has noise, bias, delay, clip or history. May throw PhysicsError.
std::vector<contract::ObservationSource> find_observation_sources(const Task::Impl& task,
                                                                  RandomStates& states);

}  // namespace reverie::sim
