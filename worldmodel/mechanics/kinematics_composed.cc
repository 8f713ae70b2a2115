#include "worldmodel/mechanics/kinematics_composed.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_cross.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace reverie::worldmodel {
namespace {

using at::Tensor;
using tensor::kernels::KinematicPlan;
using tensor::kernels::KinematicStep;
using tensor::kernels::TouchBall;

// A step's constants: place 3, axis 3, turn 9, the cross product with the axis 9, the axis times itself 9.
constexpr int64_t kStepConstants = 33;
constexpr int64_t kBallConstants = 8;  // place 3, normal 3, radius, height

struct Frame {
  Tensor place, rotation, velocity, spin;  // [N, 3], [N, 3, 3]
};

Tensor cross_product(const Tensor& a, const Tensor& b) { return at::linalg_cross(a, b); }

Tensor times(const Tensor& factor, const Tensor& matrix) {
  return factor.unsqueeze(-1).unsqueeze(-1) * matrix;
}

// q [N, 4] of any length -> [N, 3, 3].
Tensor rotation_of(const Tensor& q) {
  const Tensor unit = q / (q * q).sum(-1, true).add(1e-30).sqrt();
  const std::vector<Tensor> u = unit.unbind(-1);
  const Tensor &w = u[0], &x = u[1], &y = u[2], &z = u[3];
  const std::vector<Tensor> entries = {
      1 - 2 * (y * y + z * z), 2 * (x * y - w * z),     2 * (x * z + w * y),
      2 * (x * y + w * z),     1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
      2 * (x * z - w * y),     2 * (y * z + w * x),     1 - 2 * (x * x + y * y)};
  return at::stack(entries, -1).unflatten(-1, {3, 3});
}

// `by` [N, 3, 3] and the spin that the joint adds, both in the world's frame.
Frame turned(const Frame& from, const Tensor& by, const Tensor& added_spin, const KinematicStep& step,
             const Tensor& place) {
  Frame to = from;
  to.rotation = at::matmul(from.rotation, by);
  to.spin = from.spin + added_spin;
  if (!step.placed) return to;
  const Tensor before = at::matmul(from.rotation, place);
  const Tensor after = at::matmul(to.rotation, place);
  to.place = from.place + before - after;
  to.velocity = from.velocity + cross_product(from.spin, before) - cross_product(to.spin, after);
  return to;
}

Frame moved(const Frame& from, const KinematicStep& step, const Tensor& constants, const Tensor& qpos,
            const Tensor& qvel) {
  const Tensor place = constants.slice(0, 0, 3);
  const Tensor axis = constants.slice(0, 3, 6);
  const auto matrix = [&](int64_t first) { return constants.slice(0, first, first + 9).view({3, 3}); };
  switch (step.kind) {
    case KinematicStep::Kind::kFixed: {
      Frame to = from;
      if (step.turned) to.rotation = at::matmul(from.rotation, matrix(6));
      if (!step.placed) return to;
      const Tensor offset = at::matmul(from.rotation, place);
      to.place = from.place + offset;
      to.velocity = from.velocity + cross_product(from.spin, offset);
      return to;
    }
    case KinematicStep::Kind::kSlide: {
      const Tensor direction = at::matmul(from.rotation, axis);
      const Tensor offset = direction * (qpos - step.reference);
      return {from.place + offset, from.rotation,
              from.velocity + cross_product(from.spin, offset) + direction * qvel, from.spin};
    }
    case KinematicStep::Kind::kHinge: {
      const Tensor angle = (qpos - step.reference).squeeze(-1);
      const Tensor cosine = at::cos(angle);
      const Tensor by = times(cosine, at::eye(3, qpos.options())) + times(at::sin(angle), matrix(15)) +
                        times(1.0 - cosine, matrix(24));
      return turned(from, by, at::matmul(from.rotation, axis) * qvel, step, place);
    }
    case KinematicStep::Kind::kBall: {
      const Tensor by = rotation_of(qpos);
      const Tensor spin = at::matmul(at::matmul(from.rotation, by), qvel.unsqueeze(-1)).squeeze(-1);
      return turned(from, by, spin, step, place);
    }
    case KinematicStep::Kind::kFree:
      break;
  }
  const Tensor rotation = rotation_of(qpos.slice(-1, 3, 7));
  return {qpos.slice(-1, 0, 3), rotation, qvel.slice(-1, 0, 3),
          at::matmul(rotation, qvel.slice(-1, 3, 6).unsqueeze(-1)).squeeze(-1)};
}

Tensor stacked(const std::vector<Frame>& frames, const std::vector<int32_t>& of, Tensor Frame::*part) {
  std::vector<Tensor> parts;
  parts.reserve(of.size());
  for (const int32_t frame : of) parts.push_back(frames[static_cast<size_t>(frame)].*part);
  return at::stack(parts, 1);
}

// Widths of the positions and velocities of a joint.
std::pair<int64_t, int64_t> widths(KinematicStep::Kind kind) {
  switch (kind) {
    case KinematicStep::Kind::kFree:
      return {7, 6};
    case KinematicStep::Kind::kBall:
      return {4, 3};
    case KinematicStep::Kind::kFixed:
      return {0, 0};
    case KinematicStep::Kind::kSlide:
    case KinematicStep::Kind::kHinge:
      break;
  }
  return {1, 1};
}

}  // namespace

Tensor step_constants(const KinematicPlan& plan) {
  Tensor constants = at::zeros({static_cast<int64_t>(plan.steps.size()), kStepConstants}, at::kDouble);
  double* out = constants.mutable_data_ptr<double>();
  for (const KinematicStep& step : plan.steps) {
    const auto& [x, y, z] = step.axis;
    std::copy(step.place.begin(), step.place.end(), out);
    std::copy(step.axis.begin(), step.axis.end(), out + 3);
    std::copy(step.turn.begin(), step.turn.end(), out + 6);
    const std::array<double, 9> across = {0, -z, y, z, 0, -x, -y, x, 0};
    std::copy(across.begin(), across.end(), out + 15);
    for (size_t i = 0; i < 9; ++i) out[24 + i] = step.axis[i / 3] * step.axis[i % 3];
    out += kStepConstants;
  }
  return constants;
}

Tensor ball_constants(const std::vector<TouchBall>& balls) {
  Tensor constants = at::zeros({static_cast<int64_t>(balls.size()), kBallConstants}, at::kDouble);
  double* out = constants.mutable_data_ptr<double>();
  for (const TouchBall& ball : balls) {
    std::copy(ball.place.begin(), ball.place.end(), out);
    std::copy(ball.normal.begin(), ball.normal.end(), out + 3);
    out[6] = ball.radius;
    out[7] = ball.height;
    out += kBallConstants;
  }
  return constants;
}

Tensor ball_bodies(const std::vector<TouchBall>& balls, int64_t bodies) {
  Tensor selection = at::zeros({static_cast<int64_t>(balls.size()), bodies}, at::kDouble);
  double* out = selection.mutable_data_ptr<double>();
  for (size_t p = 0; p < balls.size(); ++p) out[static_cast<int64_t>(p) * bodies + balls[p].body] = 1.0;
  return selection;
}

BodyMotion composed_move(const KinematicPlan& plan, const Tensor& constants, const Tensor& qpos,
                         const Tensor& qvel) {
  const int64_t rows = qpos.size(0);
  const Tensor numbers = constants.to(qpos.scalar_type());
  const Tensor still = at::zeros({rows, 3}, qpos.options());
  std::vector<Frame> frames;
  frames.reserve(plan.steps.size() + 1);
  frames.push_back({still, at::eye(3, qpos.options()).expand({rows, 3, 3}), still, still});
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const KinematicStep& step = plan.steps[i];
    const auto [positions, velocities] = widths(step.kind);
    frames.push_back(moved(frames[static_cast<size_t>(step.from)], step, numbers[static_cast<int64_t>(i)],
                           qpos.slice(1, step.qpos, step.qpos + positions),
                           qvel.slice(1, step.qvel, step.qvel + velocities)));
  }
  return {stacked(frames, plan.frames, &Frame::place), stacked(frames, plan.frames, &Frame::rotation),
          stacked(frames, plan.frames, &Frame::velocity), stacked(frames, plan.frames, &Frame::spin)};
}

TouchMotion composed_touch(const Tensor& constants, const Tensor& ball_bodies, const BodyMotion& bodies) {
  const Tensor numbers = constants.to(bodies.place.scalar_type());
  const Tensor selection = ball_bodies.to(bodies.place.scalar_type());
  const auto of_points = [&](const Tensor& t) { return at::matmul(selection, t.flatten(2)); };
  const Tensor place = numbers.slice(1, 0, 3);
  const Tensor normal = numbers.slice(1, 3, 6);
  const Tensor radius = numbers.slice(1, 6, 7);
  const Tensor rotation = of_points(bodies.rotation).unflatten(-1, {3, 3});
  const Tensor arm = at::matmul(rotation, place.unsqueeze(-1)).squeeze(-1);
  const Tensor height = (normal * (of_points(bodies.place) + arm)).sum(-1);
  const Tensor velocity =
      of_points(bodies.velocity) + cross_product(of_points(bodies.spin), arm - radius * normal);
  const Tensor approach = (normal * velocity).sum(-1);
  return {height - (radius + numbers.slice(1, 7, 8)).squeeze(-1), approach,
          velocity - approach.unsqueeze(-1) * normal};
}

}  // namespace reverie::worldmodel
