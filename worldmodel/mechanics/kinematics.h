// Kinematics: where a robot's bodies are and how they move.
// A model of a robot computes from it what its joints alone do not show: who touches the ground, and how fast. Places and
// velocities are those of MuJoCo's forward kinematics. On CPU float32 they are fused loops, elsewhere ATen operations;
// gradients are taken once only.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "contract/mechanics.h"
#include "tensor/kernels/kinematic_steps.h"
#include "worldmodel/mechanics/constant.h"

namespace reverie::worldmodel {

// Body b is body b of the mechanics: the first is the world, which stands still at the origin.
struct BodyMotion {
  at::Tensor place;     // [N, b, 3] origins of the bodies' frames, m
  at::Tensor rotation;  // [N, b, 3, 3] body frame to world
  at::Tensor velocity;  // [N, b, 3] of the origins, m/s
  at::Tensor spin;      // [N, b, 3] angular velocity in the world's frame, rad/s
};

// Of the mechanics' touch points, P of them, each against its surface.
struct TouchMotion {
  at::Tensor clearance;  // [N, P] m; below 0 it is inside
  at::Tensor
      approach;  // [N, P] velocity along the surface's normal, m/s: the rate of clearance, positive when it leaves
  at::Tensor
      slide;  // [N, P, 3] velocity across the normal, m/s, of the ball's matter nearest the surface: 0 when it rolls
};

class Kinematics {
 public:
  // Throws c10::Error for bodies before their parents, joints that are not there, and a free joint that is not alone.
  explicit Kinematics(const contract::Mechanics& mechanics);

  int64_t bodies() const { return static_cast<int64_t>(plan_->frames.size()); }
  int64_t points() const { return static_cast<int64_t>(balls_->size()); }

  // qpos [N, nq] and qvel [N, nv], of the joints' widths; quaternions need not have length 1, one of length 0 is no
  // rotation. Throws c10::Error for other shapes.
  BodyMotion move(const at::Tensor& qpos, const at::Tensor& qvel) const;

  // From all bodies of move().
  TouchMotion touch(const BodyMotion& bodies) const;

 private:
  std::shared_ptr<const tensor::kernels::KinematicPlan> plan_;  // graphs share them
  std::shared_ptr<const std::vector<tensor::kernels::TouchBall>> balls_;
  Constant step_constants_, ball_constants_, ball_bodies_;  // of the composed operations, float64
};

}  // namespace reverie::worldmodel
