// Fused operations of the mechanical model: its inputs, and one step of its coordinates, each one autograd node.
// They are for CPU float32; elsewhere the same is composed of ATen operations (inputs.cc, mechanical.cc). Gradients are
// taken once only.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace reverie::worldmodel {

// Scales of the switches that say where a surface's force begins, m.
constexpr float kHeightMost = 0.3F, kHeightNow = 0.005F, kHeightSoon = 0.01F, kDepth = 0.05F;

// Inputs in standard deviations: what is rarer hides in the last of them, so that products of inputs stay bounded.
constexpr float kMostInput = 10.0F;

// Which numbers make the inputs, in their order: velocities, rest, lengths, cosines and sines of angles, four numbers for
// each end of each limited joint, and those of the touch points.
struct InputLayout {
  std::vector<int64_t> lengths, angles;                       // of qpos
  std::vector<int64_t> limited, limited_speed;                // [L] of qpos, of qvel
  std::vector<float> low, high, far, near;                    // [L] ends; scales of the switches
  std::vector<std::vector<std::array<float, 3>>> directions;  // [D][P] along each point's surface
  int64_t points = 0;                                         // P
  float dt = 0.0F;                                            // s, a control step

  int64_t size(int64_t velocities, int64_t rest) const;  // I
};

// Everything that inputs are computed from, N rows. The last three are undefined where nothing touches.
struct InputSources {
  at::Tensor position, velocity, rest;    // [N, nq], [N, nv], [N, R]
  at::Tensor clearance, approach, slide;  // [N, P], [N, P], [N, P, 3]
};

// True when the fused form applies to these.
bool fused_inputs_apply(const InputSources& sources);
// (inputs - mean) / deviation, [N, I], kept within +-kMostInput; mean, deviation [I].
at::Tensor fused_inputs(const std::shared_ptr<const InputLayout>& layout, const InputSources& sources,
                        const at::Tensor& mean, const at::Tensor& deviation);

// Joints that move as numbers: pairs of entries of qpos and qvel.
struct ScalarJoints {
  std::vector<int64_t> qpos, qvel;
};
struct SteppedCoordinates {
  at::Tensor position, velocity, rest;
};
// velocity' = clamp(velocity + unit * change), position' = clamp(position + dt * mean velocity + unit * change),
// rest' = clamp(rest + unit * change); change [N, 2 nv + R] and unit are of velocities, positions and the rest, low and
// high [nq + nv + R] of positions, velocities and the rest.
SteppedCoordinates fused_step(const std::shared_ptr<const ScalarJoints>& joints, double dt,
                              const SteppedCoordinates& from, const at::Tensor& change,
                              const at::Tensor& unit, const at::Tensor& low, const at::Tensor& high);

}  // namespace reverie::worldmodel
