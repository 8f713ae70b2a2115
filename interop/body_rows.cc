#include "interop/body_rows.h"

#include <fmt/format.h>

#include <array>
#include <numeric>
#include <span>

#include "base/safetensors.h"
#include "worldmodel/mechanics/kinematic_plan.h"

namespace reverie::interop {
namespace {

using tensor::kernels::KinematicPlan;
using tensor::kernels::KinematicStep;
using tensor::kernels::TouchBall;

struct Frame {
  Value place, rotation, velocity, spin;  // [N, 3], [N, 9], [N, 3], [N, 3]
};

Value sum(Graph& graph, const Value& a, const Value& b) { return graph.combine(Op::kAdd, a, b); }
Value difference(Graph& graph, const Value& a, const Value& b) { return graph.combine(Op::kSub, a, b); }
// `a` [N, W] times `b` [N, W] or [N, 1].
Value times(Graph& graph, const Value& a, const Value& b) { return graph.combine(Op::kMul, a, b); }

// a x b of `count` pairs of vectors side by side.
Value cross(Graph& graph, const Value& a, const Value& b) {
  std::vector<int64_t> next, last;
  for (int64_t k = 0; k < a.width; ++k) {
    next.push_back(k / 3 * 3 + (k + 1) % 3);
    last.push_back(k / 3 * 3 + (k + 2) % 3);
  }
  return difference(graph, times(graph, graph.pick(a, next), graph.pick(b, last)),
                    times(graph, graph.pick(a, last), graph.pick(b, next)));
}

// rotation [N, 9] times a constant vector.
Value rotated(Graph& graph, const std::string& name, const Value& rotation,
              const std::array<double, 3>& vector) {
  Matrix m(3, 9);
  for (int64_t i = 0; i < 9; ++i) m(i / 3, i) = static_cast<float>(vector[static_cast<size_t>(i % 3)]);
  return product(graph, name, m, rotation);
}

// rotation [N, 9] times a constant matrix by rows.
Value turned_by(Graph& graph, const std::string& name, const Value& rotation,
                const std::array<double, 9>& by) {
  Matrix m(9, 9);
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t j = 0; j < 3; ++j)
      for (int64_t k = 0; k < 3; ++k)
        m(3 * i + k, 3 * i + j) = static_cast<float>(by[static_cast<size_t>(3 * j + k)]);
  return product(graph, name, m, rotation);
}

// rotation [N, 9] times `other`: a matrix [N, 9], or a vector [N, 3].
Value rotation_times(Graph& graph, const Value& rotation, const Value& other) {
  const int64_t wide = other.width / 3;
  Value out;
  for (int64_t j = 0; j < 3; ++j) {
    std::vector<int64_t> left, right;
    for (int64_t i = 0; i < 3 * wide; ++i) {
      left.push_back(3 * (i / wide) + j);
      right.push_back(wide * j + i % wide);
    }
    const Value part = times(graph, graph.pick(rotation, left), graph.pick(other, right));
    out = j == 0 ? part : sum(graph, out, part);
  }
  return out;
}

// q [N, 4] of any length -> [N, 9].
Value rotation_of(Graph& graph, const Value& q) {
  const Value u = unit_quaternion(graph, q, 1e-30F);
  // Products of pairs: wx wy wz xx xy xz yy yz zz.
  const Value pairs =
      times(graph, graph.pick(u, {0, 0, 0, 1, 1, 1, 2, 2, 3}), graph.pick(u, {1, 2, 3, 1, 2, 3, 2, 3, 3}));
  constexpr int kWx = 0, kWy = 1, kWz = 2, kXx = 3, kXy = 4, kXz = 5, kYy = 6, kYz = 7, kZz = 8;
  Matrix m(9, 9);
  const auto entry = [&](int64_t row, int a, float sign_a, int b, float sign_b) {
    m(row, a) = 2 * sign_a;
    m(row, b) = 2 * sign_b;
  };
  entry(0, kYy, -1, kZz, -1);
  entry(1, kXy, 1, kWz, -1);
  entry(2, kXz, 1, kWy, 1);
  entry(3, kXy, 1, kWz, 1);
  entry(4, kXx, -1, kZz, -1);
  entry(5, kYz, 1, kWx, -1);
  entry(6, kXz, 1, kWy, -1);
  entry(7, kYz, 1, kWx, 1);
  entry(8, kXx, -1, kYy, -1);
  return product(graph, "kinematics.rotation", m, pairs, {1, 0, 0, 0, 1, 0, 0, 0, 1});
}

// The frame turned to `rotation` with more spin, about a point that stays.
Frame turned(Graph& graph, const std::string& name, const Frame& from, const KinematicStep& step,
             const Value& rotation, const Value& added_spin) {
  Frame to = from;
  to.rotation = rotation;
  to.spin = sum(graph, from.spin, added_spin);
  if (!step.placed) return to;
  const Value before = rotated(graph, name + ".place", from.rotation, step.place);
  const Value after = rotated(graph, name + ".place", to.rotation, step.place);
  to.place = difference(graph, sum(graph, from.place, before), after);
  to.velocity = difference(graph, sum(graph, from.velocity, cross(graph, from.spin, before)),
                           cross(graph, to.spin, after));
  return to;
}

Frame fixed(Graph& graph, const std::string& name, const Frame& from, const KinematicStep& step) {
  Frame to = from;
  if (step.turned) to.rotation = turned_by(graph, name + ".turn", from.rotation, step.turn);
  if (!step.placed) return to;
  const Value offset = rotated(graph, name + ".place", from.rotation, step.place);
  to.place = sum(graph, from.place, offset);
  to.velocity = sum(graph, from.velocity, cross(graph, from.spin, offset));
  return to;
}

Frame slid(Graph& graph, const std::string& name, const Frame& from, const KinematicStep& step,
           const Value& along, const Value& speed) {
  const Value direction = rotated(graph, name + ".axis", from.rotation, step.axis);
  const Value offset = times(graph, direction, along);
  const Value carried = sum(graph, from.velocity, cross(graph, from.spin, offset));
  return {sum(graph, from.place, offset), from.rotation, sum(graph, carried, times(graph, direction, speed)),
          from.spin};
}

Frame hinged(Graph& graph, const std::string& name, const Frame& from, const KinematicStep& step,
             const Value& angle, const Value& speed) {
  const auto [x, y, z] = step.axis;
  const std::array<double, 9> across = {0, -z, y, z, 0, -x, -y, x, 0};
  const std::array<double, 9> along = {x * x, x * y, x * z, y * x, y * y, y * z, z * x, z * y, z * z};
  const Value c = graph.apply(Op::kCos, angle), s = graph.apply(Op::kSin, angle);
  const Value kept = turned_by(graph, name + ".along", from.rotation, along);
  // c R + s R K + (1 - c) R A, where R A is what does not turn.
  const Value rotation = sum(graph,
                             sum(graph, times(graph, difference(graph, from.rotation, kept), c),
                                 times(graph, turned_by(graph, name + ".across", from.rotation, across), s)),
                             kept);
  const Value axis = rotated(graph, name + ".axis", from.rotation, step.axis);
  return turned(graph, name, from, step, rotation, times(graph, axis, speed));
}

std::vector<int64_t> columns(int64_t begin, int64_t count) {
  std::vector<int64_t> out(static_cast<size_t>(count));
  std::iota(out.begin(), out.end(), begin);
  return out;
}

Frame moved(Graph& graph, const std::string& name, const Frame& from, const KinematicStep& step,
            const Value& q, const Value& v) {
  const auto position = [&] {
    const Value at = graph.pick(q, {step.qpos});
    return step.reference == 0.0
               ? at
               : graph.combine(Op::kSub, at, graph.constant(static_cast<float>(step.reference)));
  };
  switch (step.kind) {
    case KinematicStep::Kind::kFixed:
      return fixed(graph, name, from, step);
    case KinematicStep::Kind::kSlide:
      return slid(graph, name, from, step, position(), graph.pick(v, {step.qvel}));
    case KinematicStep::Kind::kHinge:
      return hinged(graph, name, from, step, position(), graph.pick(v, {step.qvel}));
    case KinematicStep::Kind::kBall: {
      const Value by = rotation_of(graph, graph.pick(q, columns(step.qpos, 4)));
      const Value rotation = rotation_times(graph, from.rotation, by);
      return turned(graph, name, from, step, rotation,
                    rotation_times(graph, rotation, graph.pick(v, columns(step.qvel, 3))));
    }
    case KinematicStep::Kind::kFree:
      break;
  }
  const Value rotation = rotation_of(graph, graph.pick(q, columns(step.qpos + 3, 4)));
  return {graph.pick(q, columns(step.qpos, 3)), rotation, graph.pick(v, columns(step.qvel, 3)),
          rotation_times(graph, rotation, graph.pick(v, columns(step.qvel + 3, 3)))};
}

// Constants of the touch points for all bodies side by side.
struct PointMatrices {
  Matrix arm, carried, place, along;  // [3P, 9B], [3P, 3B], [P, 3P], [3P, P]
  std::vector<float> below, contact;  // [P], [3P]
};

PointMatrices point_matrices(const std::vector<TouchBall>& balls, int64_t bodies) {
  const int64_t points = std::ssize(balls);
  PointMatrices m{Matrix(3 * points, 9 * bodies),
                  Matrix(3 * points, 3 * bodies),
                  Matrix(points, 3 * points),
                  Matrix(3 * points, points),
                  {},
                  {}};
  for (int64_t p = 0; p < points; ++p) {
    const TouchBall& ball = balls[static_cast<size_t>(p)];
    const int64_t body = ball.body;
    for (int64_t i = 0; i < 3; ++i) {
      const auto normal = static_cast<float>(ball.normal[static_cast<size_t>(i)]);
      for (int64_t j = 0; j < 3; ++j)
        m.arm(3 * p + i, 9 * body + 3 * i + j) = static_cast<float>(ball.place[static_cast<size_t>(j)]);
      m.carried(3 * p + i, 3 * body + i) = 1.0F;
      m.place(p, 3 * p + i) = normal;
      m.along(3 * p + i, p) = normal;
      m.contact.push_back(static_cast<float>(-ball.radius * ball.normal[static_cast<size_t>(i)]));
    }
    m.below.push_back(static_cast<float>(-(ball.radius + ball.height)));
  }
  return m;
}

}  // namespace

Value product(Graph& graph, const std::string& name, const Matrix& matrix, const Value& x,
              const std::vector<float>& offset) {
  const std::string weight = graph.constant(
      name, base::make_tensor(std::span<const float>(matrix.values), {matrix.rows, matrix.columns}));
  if (!offset.empty()) return graph.linear(x, weight, graph.constant(name + ".offset", offset));
  const std::vector<float> zeros(static_cast<size_t>(matrix.rows));
  return graph.linear(x, weight, graph.constant(fmt::format("zeros {}", matrix.rows), zeros));
}

Value unit_quaternion(Graph& graph, const Value& q, float least_square) {
  Matrix ones(1, 4);
  for (float& value : ones.values) value = 1.0F;
  const Value square = product(graph, "quaternion.ones", ones, times(graph, q, q));
  const Value length = graph.apply(Op::kSqrt, graph.combine(Op::kAdd, square, graph.constant(least_square)));
  return graph.combine(Op::kDiv, q, length);
}

Value quaternion_product(Graph& graph, const Value& a, const Value& b) {
  // Hamilton's: each part of the result takes every part of `a` once.
  constexpr std::array<std::array<int, 4>, 4> kOther = {
      {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}}};
  constexpr std::array<std::array<float, 4>, 4> kSign = {
      {{1, -1, -1, -1}, {1, 1, 1, -1}, {1, -1, 1, 1}, {1, 1, -1, 1}}};
  std::vector<int64_t> left, right;
  Matrix m(4, 16);
  for (int64_t i = 0; i < 16; ++i) {
    left.push_back(i % 4);
    right.push_back(kOther[static_cast<size_t>(i / 4)][static_cast<size_t>(i % 4)]);
    m(i / 4, i) = kSign[static_cast<size_t>(i / 4)][static_cast<size_t>(i % 4)];
  }
  return product(graph, "quaternion.product", m, times(graph, graph.pick(a, left), graph.pick(b, right)));
}

BodyRows move_bodies(Graph& graph, const contract::Mechanics& mechanics, const Value& positions,
                     const Value& velocities) {
  const KinematicPlan plan = worldmodel::kinematic_plan(mechanics);
  // The world: rows of 0, and of the identity.
  const Value still = product(graph, "kinematics.still", Matrix(3, positions.width), positions);
  const Value upright = product(graph, "kinematics.upright", Matrix(9, positions.width), positions,
                                {1, 0, 0, 0, 1, 0, 0, 0, 1});
  std::vector<Frame> frames{{still, upright, still, still}};
  for (size_t i = 0; i < plan.steps.size(); ++i)
    frames.push_back(moved(graph, fmt::format("kinematics.{}", i),
                           frames[static_cast<size_t>(plan.steps[i].from)], plan.steps[i], positions,
                           velocities));
  const auto joined = [&](Value Frame::*part) {
    Value all;
    for (size_t b = 0; b < plan.frames.size(); ++b) {
      const Value& one = frames[static_cast<size_t>(plan.frames[b])].*part;
      all = b == 0 ? one : graph.join(all, one);
    }
    return all;
  };
  return {joined(&Frame::place), joined(&Frame::rotation), joined(&Frame::velocity), joined(&Frame::spin)};
}

TouchRows touch_surfaces(Graph& graph, const contract::Mechanics& mechanics, const BodyRows& bodies) {
  const PointMatrices m = point_matrices(worldmodel::touch_balls(mechanics), std::ssize(mechanics.bodies));
  const auto of_points = [&](const Value& x) { return product(graph, "touch.carried", m.carried, x); };
  const Value arm = product(graph, "touch.arm", m.arm, bodies.rotation);
  const Value clearance =
      product(graph, "touch.height", m.place, sum(graph, of_points(bodies.place), arm), m.below);
  const Value contact = graph.combine(Op::kAdd, arm, graph.constant("touch.contact", m.contact));
  const Value velocity =
      sum(graph, of_points(bodies.velocity), cross(graph, of_points(bodies.spin), contact));
  const Value approach = product(graph, "touch.normal", m.place, velocity);
  return {clearance, approach, difference(graph, velocity, product(graph, "touch.along", m.along, approach))};
}

}  // namespace reverie::interop
