#include "worldmodel/mechanics/kinematic_plan.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace reverie::worldmodel {
namespace {

using contract::JointType;
using contract::MechanicalBody;
using contract::MechanicalJoint;
using tensor::kernels::KinematicPlan;
using tensor::kernels::KinematicStep;

bool is_zero(const std::array<double, 3>& v) { return v[0] == 0.0 && v[1] == 0.0 && v[2] == 0.0; }

std::array<double, 9> rotation_of(const std::array<double, 4>& quaternion) {
  double length = 0.0;
  for (const double x : quaternion) length += x * x;
  TORCH_CHECK(length > 0.0, "kinematics: a body's orientation is a quaternion of length 0");
  const double scale = 1.0 / std::sqrt(length);
  const double w = scale * quaternion[0];
  const double x = scale * quaternion[1];
  const double y = scale * quaternion[2];
  const double z = scale * quaternion[3];
  return {1 - 2 * (y * y + z * z), 2 * (x * y - w * z),     2 * (x * z + w * y),
          2 * (x * y + w * z),     1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
          2 * (x * z - w * y),     2 * (y * z + w * x),     1 - 2 * (x * x + y * y)};
}

KinematicStep fixed_step(const MechanicalBody& body) {
  KinematicStep step;
  step.place = body.position;
  step.placed = !is_zero(body.position);
  step.turned = body.orientation[1] != 0.0 || body.orientation[2] != 0.0 || body.orientation[3] != 0.0;
  if (step.turned) step.turn = rotation_of(body.orientation);
  return step;
}

KinematicStep joint_step(const MechanicalJoint& joint) {
  KinematicStep step;
  switch (joint.type) {
    case JointType::kFree:
      step.kind = KinematicStep::Kind::kFree;
      break;
    case JointType::kBall:
      step.kind = KinematicStep::Kind::kBall;
      break;
    case JointType::kSlide:
      step.kind = KinematicStep::Kind::kSlide;
      break;
    case JointType::kHinge:
      step.kind = KinematicStep::Kind::kHinge;
      break;
  }
  step.qpos = joint.qpos;
  step.qvel = joint.qvel;
  step.reference = joint.reference;
  step.place = joint.place;
  step.placed = !is_zero(joint.place);
  step.axis = joint.axis;
  return step;
}

// Entries of qpos and qvel.
std::array<int, 2> widths(JointType type) {
  switch (type) {
    case JointType::kFree:
      return {7, 6};
    case JointType::kBall:
      return {4, 3};
    case JointType::kSlide:
    case JointType::kHinge:
      break;
  }
  return {1, 1};
}

void check(const contract::Mechanics& m, size_t index) {
  const MechanicalBody& body = m.bodies[index];
  TORCH_CHECK(body.parent >= 0 && (index == 0 || body.parent < static_cast<int>(index)), "kinematics: body ",
              index, " (", body.name, ") has the parent ", body.parent, ", expected an earlier body");
  TORCH_CHECK(body.joints >= 0 && body.first_joint >= 0 &&
                  static_cast<size_t>(body.first_joint) + static_cast<size_t>(body.joints) <= m.joints.size(),
              "kinematics: the joints of body ", index, " (", body.name, ") are ", body.first_joint, " to ",
              body.first_joint + body.joints - 1, ", there are ", m.joints.size());
  for (int j = body.first_joint; j < body.first_joint + body.joints; ++j) {
    const MechanicalJoint& joint = m.joints[static_cast<size_t>(j)];
    TORCH_CHECK(joint.type != JointType::kFree || body.joints == 1, "kinematics: body ", index, " (",
                body.name, ") has a free joint and ", body.joints - 1, " others, expected none");
    TORCH_CHECK(joint.qpos >= 0 && joint.qvel >= 0, "kinematics: joint ", j, " (", joint.name,
                ") has a negative index");
  }
}

}  // namespace

KinematicPlan kinematic_plan(const contract::Mechanics& mechanics) {
  TORCH_CHECK(!mechanics.bodies.empty(), "kinematics: no bodies, expected at least the world");
  KinematicPlan plan;
  const auto add = [&](KinematicStep step, int32_t from) {
    step.from = from;
    plan.steps.push_back(step);
    return static_cast<int32_t>(plan.steps.size());
  };
  for (size_t b = 0; b < mechanics.bodies.size(); ++b) {
    check(mechanics, b);
    const MechanicalBody& body = mechanics.bodies[b];
    int32_t frame = b == 0 ? 0 : plan.frames[static_cast<size_t>(body.parent)];
    const KinematicStep fixed = fixed_step(body);
    const bool free =
        body.joints == 1 && mechanics.joints[static_cast<size_t>(body.first_joint)].type == JointType::kFree;
    if (b > 0 && !free && (fixed.placed || fixed.turned)) frame = add(fixed, frame);
    for (int j = body.first_joint; j < body.first_joint + body.joints; ++j) {
      const MechanicalJoint& joint = mechanics.joints[static_cast<size_t>(j)];
      frame = add(joint_step(joint), free ? 0 : frame);
      const auto [positions, velocities] = widths(joint.type);
      plan.positions = std::max<int64_t>(plan.positions, joint.qpos + positions);
      plan.velocities = std::max<int64_t>(plan.velocities, joint.qvel + velocities);
    }
    plan.frames.push_back(frame);
  }
  return plan;
}

std::vector<tensor::kernels::TouchBall> touch_balls(const contract::Mechanics& mechanics) {
  std::vector<tensor::kernels::TouchBall> balls;
  for (const contract::TouchPoint& point : mechanics.points) {
    TORCH_CHECK(point.body >= 0 && static_cast<size_t>(point.body) < mechanics.bodies.size(),
                "kinematics: a touch point is on body ", point.body, ", there are ", mechanics.bodies.size());
    TORCH_CHECK(point.surface >= 0 && static_cast<size_t>(point.surface) < mechanics.surfaces.size(),
                "kinematics: a touch point is of surface ", point.surface, ", there are ",
                mechanics.surfaces.size());
    const contract::Surface& surface = mechanics.surfaces[static_cast<size_t>(point.surface)];
    double height = 0.0;
    for (size_t k = 0; k < 3; ++k) height += surface.normal[k] * surface.point[k];
    balls.push_back({point.body, point.radius, height, point.place, surface.normal});
  }
  return balls;
}

}  // namespace reverie::worldmodel
