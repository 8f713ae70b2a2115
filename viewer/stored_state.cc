#include "viewer/stored_state.h"

#include <mujoco/mujoco.h>

#include <algorithm>

#include "sim/model.h"

namespace reverie::viewer {

void forward(const mjModel* model, mjData* data, std::span<const double> state,
             std::span<const float> positions, std::span<const float> velocities) {
  if (std::ssize(state) != mj_stateSize(model, mjSTATE_INTEGRATION)) return;
  mj_setState(model, data, state.data(), mjSTATE_INTEGRATION);
  std::ranges::copy(positions, data->qpos);
  std::ranges::copy(velocities, data->qvel);
  if (!positions.empty()) mj_normalizeQuat(model, data->qpos);
  try {
    mj_forward(model, data);
  } catch (const sim::PhysicsError&) {  // physics is about to end
  }
}

}  // namespace reverie::viewer
