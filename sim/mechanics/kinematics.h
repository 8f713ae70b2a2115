// Bodies and joints of a model as plain buffers.
// Poses of mocap bodies are no part of positions and velocities, so they stand where the model puts them.
#pragma once

#include <mujoco/mujoco.h>

#include <array>
#include <vector>

#include "contract/mechanics.h"

namespace reverie::sim {

std::vector<contract::MechanicalBody> list_bodies(const mjModel* model);
std::vector<contract::MechanicalJoint> list_joints(const mjModel* model);

std::array<double, 3> triple(const double* values);

// Whether the pose of `body` follows from qpos: it moves, and no mocap body carries it.
bool follows_positions(const mjModel* model, int body);

// A body and everything that it carries, one entry a body.
std::vector<bool> carried_by(const mjModel* model, int body);

}  // namespace reverie::sim
