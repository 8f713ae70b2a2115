// Small tasks with models of their own, and random states to check their mechanics in.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>
#include <string>

#include "contract/mechanics.h"
#include "contract/rng.h"
#include "sim/model.h"
#include "sim/task/task.h"

namespace reverie::sim {

// A task of this model, "<mujoco>...</mujoco>", that observes `expr`; `more` is appended to the task file.
std::shared_ptr<const Task> load_with_model(const std::string& model, const std::string& expr = "qpos()",
                                            const std::string& more = "");
// what() of the UserError that this throws, from the file's name on.
std::string error_with_model(const std::string& model, const std::string& expr, const std::string& more);

// Positions within and without limits, unit quaternions and velocities; then mj_kinematics.
void put_random_state(const mjModel* model, mjData* data, contract::Rng& rng);

// Bodies of a state, computed from the plain fields alone.
struct Poses {
  std::vector<std::array<double, 3>> place;
  std::vector<std::array<double, 4>> orientation;
};
Poses forward_kinematics(const contract::Mechanics& mechanics, const double* qpos);

}  // namespace reverie::sim
