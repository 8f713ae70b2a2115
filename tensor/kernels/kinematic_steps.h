// The motion of a robot's bodies as a list of steps between frames.
// Frame 0 is the world, still; step i makes frame i + 1 out of an earlier one. Lengths are in m, angles in rad.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reverie::tensor::kernels {

struct KinematicStep {
  // kFixed: moved by `place` and turned by `turn`. kSlide: moved along `axis`. kHinge: turned about `axis`, kBall: by a
  // quaternion, both about the point `place`. kFree: placed in the world by a position and a quaternion.
  enum class Kind { kFixed, kSlide, kHinge, kBall, kFree };
  Kind kind = Kind::kFixed;
  int32_t from = 0;                       // a frame
  int32_t qpos = 0, qvel = 0;             // its first entries
  double reference = 0.0;                 // kSlide, kHinge: subtracted from the position
  std::array<double, 3> place{}, axis{};  // in the frame it starts from; axis of length 1
  std::array<double, 9> turn{1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0};  // a rotation matrix by rows
  bool turned = false, placed = false;  // turn is not the identity, place not zero
};

struct KinematicPlan {
  std::vector<KinematicStep> steps;
  std::vector<int32_t> frames;            // of each body
  int64_t positions = 0, velocities = 0;  // widths of qpos and qvel
};

// A ball fixed to a body, against the half space in which normal . x < height.
struct TouchBall {
  int32_t body = 0;
  double radius = 0.0, height = 0.0;
  std::array<double, 3> place{}, normal{};  // in the body's frame; in the world's, of length 1
};

// Arrays of rows: b bodies and P balls. Those of gradients may be null: 0.
template <class F>
struct BodyArrays {
  F *place, *rotation, *velocity, *spin;  // [rows, b, 3], [rows, b, 3, 3], twice [rows, b, 3]
};
template <class F>
struct TouchArrays {
  F *clearance, *approach, *slide;  // [rows, P], [rows, P], [rows, P, 3]
};

// Floats that the loops of kernels.h work on, enough for every instruction set.
constexpr size_t kMostLanes = 16;
inline size_t kinematic_scratch(const KinematicPlan& plan) {
  return kMostLanes *
         (45 * (plan.steps.size() + 1) + 2 * static_cast<size_t>(plan.positions + plan.velocities));
}
inline size_t touch_scratch(int64_t bodies) { return kMostLanes * 18 * static_cast<size_t>(bodies + 1); }

}  // namespace reverie::tensor::kernels
