// Quaternions of states and models: of unit length, or refused.
#pragma once

#include <mujoco/mujoco.h>

#include <string>

namespace reverie::sim {

// Bring the quaternions of all free and ball joints in `qpos` [nq] to unit length. One that is of unit length up to
// rounding (1e-12) keeps its bits. Throws UserError "<where>: joint 'NAME': ..." for one of length 0 or not finite.
void normalise_joint_orientations(const mjModel* model, double* qpos, const std::string& where);

// The same for the mocap bodies' `quats` [nmocap, 4]; the error names the body.
void normalise_mocap_orientations(const mjModel* model, double* quats, const std::string& where);

// The same for a model's reference positions, qpos0 and qpos_spring.
void normalise_reference_orientations(mjModel* model, const std::string& where);

}  // namespace reverie::sim
