#include "render/pose.h"

#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include <cmath>
#include <stdexcept>

namespace reverie::render {

namespace {

void check_length(const char* what, size_t found, int expected) {
  if (found != static_cast<size_t>(expected)) {
    throw std::invalid_argument(fmt::format("set_pose: {} {} values, expected {}", found, what, expected));
  }
}

void write_finite(std::span<const float> values, mjtNum* out) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) out[i] = static_cast<mjtNum>(values[i]);
  }
}

}  // namespace

void set_pose(const mjModel_* model, mjData_* data, std::span<const double> state,
              std::span<const float> positions, std::span<const float> velocities) {
  check_length("position", positions.size(), static_cast<int>(model->nq));
  check_length("velocity", velocities.size(), static_cast<int>(model->nv));
  if (!state.empty()) {
    check_length("state", state.size(), static_cast<int>(mj_stateSize(model, mjSTATE_INTEGRATION)));
    mj_setState(model, data, state.data(), mjSTATE_INTEGRATION);
  }
  write_finite(positions, data->qpos);
  write_finite(velocities, data->qvel);
  mj_normalizeQuat(model, data->qpos);
  mj_kinematics(model, data);
  mj_comPos(model, data);
  mj_camlight(model, data);
  mj_flex(model, data);
  mj_tendon(model, data);
}

}  // namespace reverie::render
