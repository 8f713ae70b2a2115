// Which geoms of a model can touch each other.
// The engine's own rules: bits, bodies welded together, parents, exclusions and explicit pairs.
#pragma once

#include <mujoco/mujoco.h>

namespace reverie::sim {

bool can_touch(const mjModel* model, int geom, int other);

// A plane of a body that cannot move.
bool is_fixed_plane(const mjModel* model, int geom);

}  // namespace reverie::sim
