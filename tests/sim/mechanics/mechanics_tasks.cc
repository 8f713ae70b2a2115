#include "tests/sim/mechanics/mechanics_tasks.h"

#include "base/error.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using Vector = std::array<double, 3>;
using Quaternion = std::array<double, 4>;

Quaternion times(const Quaternion& a, const Quaternion& b) {
  return {a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
          a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
          a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
          a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0]};
}

// v + 2 u x (u x v + w v), with u the vector part.
Vector rotated(const Quaternion& q, const Vector& v) {
  const auto cross = [](const Vector& a, const Vector& b) {
    return Vector{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
  };
  const Vector u = {q[1], q[2], q[3]};
  Vector inner = cross(u, v);
  for (int k = 0; k < 3; ++k) inner[k] += q[0] * v[k];
  const Vector outer = cross(u, inner);
  return {v[0] + 2 * outer[0], v[1] + 2 * outer[1], v[2] + 2 * outer[2]};
}

Vector plus(const Vector& a, const Vector& b, double factor = 1.0) {
  return {a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]};
}

// A turn about a point of the body that stays where it is.
void turn(const Quaternion& by, const Vector& place, Vector& x, Quaternion& q) {
  const Vector anchor = plus(x, rotated(q, place));
  q = times(q, by);
  x = plus(anchor, rotated(q, place), -1.0);
}

void move(const contract::MechanicalJoint& joint, const double* qpos, Vector& x, Quaternion& q) {
  const double* own = qpos + joint.qpos;
  switch (joint.type) {
    case contract::JointType::kFree:
      x = {own[0], own[1], own[2]};
      q = {own[3], own[4], own[5], own[6]};
      return;
    case contract::JointType::kSlide:
      x = plus(x, rotated(q, joint.axis), own[0] - joint.reference);
      return;
    case contract::JointType::kBall:
      turn({own[0], own[1], own[2], own[3]}, joint.place, x, q);
      return;
    case contract::JointType::kHinge:
      break;
  }
  const double half = (own[0] - joint.reference) / 2, s = std::sin(half);
  turn({std::cos(half), s * joint.axis[0], s * joint.axis[1], s * joint.axis[2]}, joint.place, x, q);
}

}  // namespace

Poses forward_kinematics(const contract::Mechanics& mechanics, const double* qpos) {
  Poses out;
  for (const contract::MechanicalBody& body : mechanics.bodies) {
    Vector x = body.position;
    Quaternion q = body.orientation;
    const auto parent = static_cast<size_t>(body.parent);
    if (parent < out.place.size()) {
      x = plus(out.place[parent], rotated(out.orientation[parent], body.position));
      q = times(out.orientation[parent], body.orientation);
    }
    for (int k = 0; k < body.joints; ++k) move(mechanics.joints[body.first_joint + k], qpos, x, q);
    out.place.push_back(x);
    out.orientation.push_back(q);
  }
  return out;
}

std::shared_ptr<const Task> load_with_model(const std::string& model, const std::string& expr,
                                            const std::string& more) {
  const ScratchFolder folder;
  folder.write("arm.xml", model);
  return Task::load(folder.write("arm.toml", arm_task_observing(expr) + more));
}

std::string error_with_model(const std::string& model, const std::string& expr, const std::string& more) {
  try {
    load_with_model(model, expr, more);
    return "";
  } catch (const base::UserError& error) {
    const std::string what = error.what();
    const size_t slash = what.rfind("/arm.toml");
    return slash == std::string::npos ? what : what.substr(slash + 1);
  }
}

void put_random_state(const mjModel* model, mjData* data, contract::Rng& rng) {
  mj_resetData(model, data);
  for (int64_t i = 0; i < model->nq; ++i) data->qpos[i] = model->qpos0[i] + rng.uniform(-1.5, 1.5);
  mj_normalizeQuat(model, data->qpos);
  for (int64_t i = 0; i < model->nv; ++i) data->qvel[i] = rng.uniform(-3.0, 3.0);
  for (int64_t i = 0; i < model->nu; ++i) data->ctrl[i] = rng.uniform(-1.0, 1.0);
  mj_forward(model, data);
}

}  // namespace reverie::sim
