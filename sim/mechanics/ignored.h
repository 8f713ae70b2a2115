// Finds the coordinates along which a robot may be put anywhere and moves the same.
// A model that leaves them out learns one motion instead of many.
#pragma once

#include <vector>

#include "sim/mechanics/random_states.h"

namespace reverie::sim {

// A coordinate that carries a body and all that hangs on it along one direction of the world.
struct Translation {
  int joint = 0, qpos = 0, body = 0;
  double direction[3] = {};
};

// The slides without limits that hang on the world, or on further slides alone, and the places of free joints.
// `reference` is in the reference pose.
std::vector<Translation> list_translations(const mjModel* model, const mjData* reference);

// Whether physics does not depend on it: gravity and every even surface go along, nothing else can be touched, and
// no spring, constraint, tendon or actuator holds it.
bool is_free(const mjModel* model, const mjData* reference, const Translation& translation);

// Whether an observation, the reward or a termination changes with it, found by moving random states.
bool is_seen(const Task::Impl& task, RandomStates& states, const Translation& translation);

}  // namespace reverie::sim
