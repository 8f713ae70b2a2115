// Scaled physics: a copy of a model whose mass, friction or gravity is another.
#pragma once

#include "sim/model.h"

namespace reverie::sim {

struct PhysicsScale {
  double mass = 1.0;      // of every body, its inertia with it
  double friction = 1.0;  // of every geom and contact pair
  double gravity = 1.0;
};

// Throws std::runtime_error when the engine cannot copy.
ModelPtr scaled_model(const mjModel* model, const PhysicsScale& scale);

}  // namespace reverie::sim
