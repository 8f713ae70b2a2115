// Puts a stored physics state with other joint positions into an mjData for drawing.
#pragma once

#include <span>

#include "sim/model.h"

struct mjModel_;
struct mjData_;

namespace reverie::render {

// Put `data` where it can be drawn: the whole stored state [mjSTATE_INTEGRATION] first (mocap bodies,
// targets), then `positions` [nq] and `velocities` [nv] over it, quaternions normalised, then everything that
// depends on position only: no contacts, no forces. Values that are not finite leave those of `state`. An
// empty `state` keeps what is there. Throws std::invalid_argument when a length is wrong.
void set_pose(const mjModel_* model, mjData_* data, std::span<const double> state,
              std::span<const float> positions, std::span<const float> velocities);

}  // namespace reverie::render
