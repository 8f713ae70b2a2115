// Pull: the spring by which the mouse holds a body, as in MuJoCo's own viewer.
// The forces that came of it are kept step by step, so that what was done can be done again exactly.
#pragma once

#include <mujoco/mjvisualize.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace reverie::viewer {

using Wrench =
    std::array<double, 6>;  // force and torque on a body at its centre of mass, world frame, N and Nm

// What acted on a body of physics during the step after `step`.
struct BodyForce {
  int64_t step = 0;
  int body = 0;
  Wrench wrench = {};

  bool operator==(const BodyForce&) const = default;
};

// What the mouse holds. `force` tells what it applies in a state [P] of physics; it is asked once before each step.
struct Pull {
  int body = 0;  // 0: nothing is held
  std::function<Wrench(std::span<const double> physics)> force = {};
};

// MuJoCo's spring from the body to where the mouse is. `model` must outlive it. Each pull has an mjData of its own, or
// that of the pull before it: `scratch`, made where it is null.
Pull spring_pull(const mjModel* model, const mjvPerturb& mouse, std::shared_ptr<mjData>& scratch);

// The name of a body, or "body 3" where it has none.
std::string body_name(std::span<const std::string> names, int body);

// Where forces on bodies [nbody, 6] begin in a state [P] of physics.
int64_t forces_in_state(const mjModel* model);

}  // namespace reverie::viewer
