// Kinematics in ATen operations, for devices and types without kernels.
// Internal to worldmodel/mechanics/. Each operation gives the same bits every time.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "tensor/kernels/kinematic_steps.h"
#include "worldmodel/mechanics/kinematics.h"

namespace reverie::worldmodel {

// [steps, 33] and [points, 8] numbers, float64, to be moved to the device once.
at::Tensor step_constants(const tensor::kernels::KinematicPlan& plan);
at::Tensor ball_constants(const std::vector<tensor::kernels::TouchBall>& balls);
// [points, bodies], 1 where the point is on the body, else 0: a product with it selects, with gradients that have one
// order of summation.
at::Tensor ball_bodies(const std::vector<tensor::kernels::TouchBall>& balls, int64_t bodies);

BodyMotion composed_move(const tensor::kernels::KinematicPlan& plan, const at::Tensor& constants,
                         const at::Tensor& qpos, const at::Tensor& qvel);
TouchMotion composed_touch(const at::Tensor& constants, const at::Tensor& ball_bodies,
                           const BodyMotion& bodies);

}  // namespace reverie::worldmodel
