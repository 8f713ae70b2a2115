#include "worldmodel/mechanics/inputs.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "contract/rng.h"
#include "tensor/normals.h"
#include "tensor/tensor_io.h"

namespace reverie::worldmodel {
namespace {

using contract::JointType;

// Scales of the switches: a stop's force turns on within a hundredth of a radian or metre.
constexpr double kFar = 0.1, kFarShare = 0.05, kNearShare = 0.2;  // of a joint; of its range; of kFar
constexpr double kStill = 1e-6;                                   // m/s

// A unit vector across `normal`, and one across both.
std::array<std::array<double, 3>, 2> across_normal(const std::array<double, 3>& n) {
  const size_t least = std::abs(n[0]) <= std::abs(n[1]) && std::abs(n[0]) <= std::abs(n[2]) ? 0
                       : std::abs(n[1]) <= std::abs(n[2])                                   ? 1
                                                                                            : 2;
  std::array<double, 3> a{};
  a[least] = 1.0;
  for (size_t i = 0; i < 3; ++i) a[i] -= n[least] * n[i];
  const double length = std::sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
  for (double& value : a) value /= length;
  return {a, {n[1] * a[2] - n[2] * a[1], n[2] * a[0] - n[0] * a[2], n[0] * a[1] - n[1] * a[0]}};
}

}  // namespace

MechanicsInputs::MechanicsInputs(const contract::EnvSpec& spec)
    : coordinates_(spec), kinematics_(*spec.mechanics), dt_(spec.control_dt) {
  const contract::Mechanics& mechanics = *spec.mechanics;
  auto& [lengths, angles, limited, limited_speed, low, high, far, near, directions, points, dt] = *layout_;
  dt = static_cast<float>(dt_);
  for (const contract::MechanicalJoint& joint : mechanics.joints) {
    const bool is_free = joint.type == JointType::kFree;
    const int64_t entries = is_free ? 7 : joint.type == JointType::kBall ? 4 : 1;
    for (int64_t i = 0; i < entries; ++i) {
      if (std::ranges::binary_search(mechanics.ignored, static_cast<int>(joint.qpos + i))) continue;
      const bool circular = std::ranges::binary_search(spec.circular, static_cast<int>(joint.qpos + i));
      if (joint.type == JointType::kHinge) angles.push_back(joint.qpos + i);
      if (!circular) lengths.push_back(joint.qpos + i);
    }
    if (!joint.limited || entries != 1) continue;
    limited.push_back(joint.qpos);
    limited_speed.push_back(joint.qvel);
    const double scale = std::max(1e-3, std::min(kFar, kFarShare * (joint.high - joint.low)));
    low.push_back(static_cast<float>(joint.low));
    high.push_back(static_cast<float>(joint.high));
    far.push_back(static_cast<float>(scale));
    near.push_back(static_cast<float>(kNearShare * scale));
  }
  lengths_ = constant_columns(lengths);
  angles_ = constant_columns(angles);
  limited_ = constant_columns(limited);
  limited_speed_ = constant_columns(limited_speed);
  low_ = constant_numbers(low);
  high_ = constant_numbers(high);
  far_ = constant_numbers(far);
  near_ = constant_numbers(near);
  touches_ = !mechanics.points.empty();
  points = std::ssize(mechanics.points);
  reads_bodies_ = touches_ || coordinates_.reads_bodies();
  if (touches_) find_directions(mechanics);
  const Motion none{torch::zeros({1, spec.nq}), torch::zeros({1, spec.nv}),
                    torch::zeros({1, coordinates_.rest_size()})};
  size_ = (*this)(none, bodies(none)).size(1);
  first_switch_ = size_ - 8 * std::ssize(limited) - points * (7 + 2 * std::ssize(directions));
}

// Directions along the surfaces in which points can move at all: a planar robot has one and not two.
void MechanicsInputs::find_directions(const contract::Mechanics& mechanics) {
  constexpr int64_t kTrials = 16;
  contract::Rng rng(0, 0, contract::Stream::kInit);
  const Motion motion{tensor::normal_tensor({kTrials, coordinates_.positions()}, rng),
                      tensor::normal_tensor({kTrials, coordinates_.velocities()}, rng),
                      {}};
  const at::Tensor sliding = kinematics_.touch(bodies(motion)).slide;  // [T, P, 3]
  for (size_t k = 0; k < 2; ++k) {
    std::vector<std::array<float, 3>> along;
    std::vector<float> numbers;
    for (const contract::TouchPoint& point : mechanics.points) {
      const std::array<double, 3> across =
          across_normal(mechanics.surfaces[static_cast<size_t>(point.surface)].normal)[k];
      along.emplace_back();
      std::ranges::transform(across, along.back().begin(), [](double x) { return static_cast<float>(x); });
      numbers.insert(numbers.end(), along.back().begin(), along.back().end());
    }
    const at::Tensor direction =
        torch::tensor(numbers, torch::kFloat32).view({std::ssize(mechanics.points), 3});
    if ((sliding * direction).sum(-1).abs().max().item<double>() <= kStill) continue;
    directions_.emplace_back(direction);
    layout_->directions.push_back(along);
  }
}

BodyMotion MechanicsInputs::bodies(const Motion& motion) const {
  return reads_bodies_ ? kinematics_.move(motion.position, motion.velocity) : BodyMotion{};
}

at::Tensor MechanicsInputs::stops(const Motion& motion) const {
  const at::Tensor q = pick(motion.position, limited_), v = pick(motion.velocity, limited_speed_);  // [N, L]
  const at::Tensor far = at::cat({far_.like(q), far_.like(q)}),
                   near = at::cat({near_.like(q), near_.like(q)});
  const at::Tensor beyond = at::cat({q - high_.like(q), low_.like(q) - q}, -1);  // [N, 2L]
  const at::Tensor speed = at::cat({v, -v}, -1);
  const at::Tensor soon = beyond + dt_ * speed;
  const at::Tensor on = at::sigmoid(soon / near);
  return at::cat({at::relu(soon) / far, at::relu(beyond) / near, on, on * speed}, -1);
}

std::vector<at::Tensor> MechanicsInputs::across(const at::Tensor& sliding) const {
  std::vector<at::Tensor> out;
  out.reserve(directions_.size());
  for (const Constant& direction : directions_) out.push_back((sliding * direction.like(sliding)).sum(-1));
  return out;
}

at::Tensor MechanicsInputs::touches(const BodyMotion& bodies) const {
  const TouchMotion touch = kinematics_.touch(bodies);
  const at::Tensor& height = touch.clearance;             // [N, P]
  const at::Tensor soon = height + dt_ * touch.approach;  // [N, P]
  const at::Tensor on = at::sigmoid(height / -kHeightNow), soon_on = at::sigmoid(soon / -kHeightSoon);
  std::vector<at::Tensor> out = {
      height.clamp_max(kHeightMost), soon.clamp_max(kHeightMost), at::relu(-soon) / kDepth, on, soon_on,
      on * touch.approach,           soon_on * touch.approach};
  for (const at::Tensor& speed : across(touch.slide)) {
    out.push_back(on * speed);
    out.push_back(soon_on * speed);
  }
  return at::cat(out, -1);
}

at::Tensor MechanicsInputs::operator()(const Motion& motion, const BodyMotion& bodies) const {
  std::vector<at::Tensor> out = {motion.velocity, motion.rest};
  if (lengths_.size() > 0) out.push_back(pick(motion.position, lengths_));
  if (angles_.size() > 0) {
    const at::Tensor angles = pick(motion.position, angles_);
    out.push_back(angles.cos());
    out.push_back(angles.sin());
  }
  if (limited_.size() > 0) out.push_back(stops(motion));
  if (touches_) out.push_back(touches(bodies));
  return at::cat(out, -1);
}

at::Tensor MechanicsInputs::standardised(const Motion& motion, const at::Tensor& mean,
                                         const at::Tensor& deviation) const {
  InputSources sources{motion.position, motion.velocity, motion.rest, {}, {}, {}};
  if (!fused_inputs_apply(sources))
    return at::clamp(((*this)(motion, bodies(motion)) - mean) / deviation, -kMostInput, kMostInput);
  if (touches_) {
    const TouchMotion touch = kinematics_.touch(bodies(motion));
    sources.clearance = touch.clearance;
    sources.approach = touch.approach;
    sources.slide = touch.slide;
  }
  return fused_inputs(layout_, sources, mean, deviation);
}

}  // namespace reverie::worldmodel
