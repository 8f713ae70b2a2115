#include "viewer/pose_drag.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "sim/robot.h"

namespace reverie::viewer {

namespace {

constexpr int kIterations = 30;       // each call
constexpr double kClose = 1e-5;       // of the model's extent, or rad: near enough
constexpr double kFurthest = 0.1;     // of the model's extent, or rad: what one iteration reaches for
constexpr double kDamping = 1e-3;     // of the mean square of what the joints can do
constexpr double kLargestStep = 0.3;  // rad, or of the model's extent: a joint in one iteration

using Vector = std::array<mjtNum, 3>;

int first_joint(const mjModel* m, int body) { return m->body_jntadr[body]; }

bool is_free(const mjModel* m, int body) {
  return m->body_jntnum[body] == 1 && m->jnt_type[first_joint(m, body)] == mjJNT_FREE;
}

// The root of a robot on a free joint, or on several joints that nothing drives: it floats, or slides in a plane.
bool is_base(const mjModel* m, int body, const std::vector<bool>& driven) {
  return m->body_parentid[body] == 0 &&
         (is_free(m, body) || (m->body_jntnum[body] > 1 && !driven[static_cast<size_t>(body)]));
}

// Degrees of freedom between the world and `body`, without those of a base that is not held itself.
std::vector<int> moving_dofs(const mjModel* m, int body) {
  const std::vector<bool> driven = sim::driven_bodies(m);
  std::vector<int> dofs;
  const int held = m->body_weldid[body];
  for (int at = held; at > 0; at = m->body_parentid[at]) {
    if (at != held && !dofs.empty() && is_base(m, at, driven)) break;
    for (int i = 0; i < m->body_dofnum[at]; ++i) dofs.push_back(m->body_dofadr[at] + i);
  }
  return dofs;
}

void kinematics(const mjModel* m, mjData* d) {
  mj_kinematics(m, d);
  mj_comPos(m, d);
}

// From where the body is to where the mouse wants it: metres of the point that is held, or rad.
Vector error_of(const mjModel* m, const mjData* d, const mjvPerturb& mouse, bool turns, Vector& point) {
  const auto body = static_cast<ptrdiff_t>(mouse.select);
  mju_mulMatVec3(point.data(), d->xmat + 9 * body, mouse.localpos);
  mju_addTo3(point.data(), d->xpos + 3 * body);
  Vector error{};
  if (!turns) {
    mju_sub3(error.data(), mouse.refselpos, point.data());
    return error;
  }
  std::array<mjtNum, 4> inertial{}, back{}, difference{};  // the mouse turns the inertial frame
  mju_mulQuat(inertial.data(), d->xquat + 4 * body, m->body_iquat + 4 * body);
  mju_negQuat(back.data(), inertial.data());
  mju_mulQuat(difference.data(), mouse.refquat, back.data());
  mju_quat2Vel(error.data(), difference.data(), 1);
  return error;
}

// Column by column of `jacobian` [3, nv]: the damped least squares step of `dofs` towards `error`.
std::vector<mjtNum> damped_step(const std::vector<mjtNum>& jacobian, int nv, const std::vector<int>& dofs,
                                const Vector& error) {
  const auto entry = [&](int row, int dof) {
    return jacobian[static_cast<size_t>(row) * static_cast<size_t>(nv) + static_cast<size_t>(dof)];
  };
  std::array<mjtNum, 9> square{};  // J J^T
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 3; ++c) {
      for (const int dof : dofs)
        square[3 * static_cast<size_t>(r) + static_cast<size_t>(c)] += entry(r, dof) * entry(c, dof);
    }
  }
  const mjtNum damping = mjMINVAL + kDamping * (square[0] + square[4] + square[8]) / 3;
  for (const size_t i : {0, 4, 8}) square[i] += damping;
  mju_cholFactor(square.data(), 3, 0);
  Vector weights{};
  mju_cholSolve(weights.data(), square.data(), error.data(), 3);
  std::vector<mjtNum> step(static_cast<size_t>(nv), 0.0);
  for (const int dof : dofs) {
    for (int r = 0; r < 3; ++r)
      step[static_cast<size_t>(dof)] += entry(r, dof) * weights[static_cast<size_t>(r)];
  }
  return step;
}

// Whether a sliding or turning joint is at an end of its range and `step` would take it further.
bool is_stopped(const mjModel* m, const mjData* d, int dof, double step) {
  const int joint = m->dof_jntid[dof], type = m->jnt_type[joint];
  if (!m->jnt_limited[joint] || (type != mjJNT_HINGE && type != mjJNT_SLIDE)) return false;
  const double at = d->qpos[m->jnt_qposadr[joint]];
  const mjtNum* range = m->jnt_range + 2 * static_cast<ptrdiff_t>(joint);
  return (at <= range[0] && step < 0) || (at >= range[1] && step > 0);
}

// Joints of `dofs` back into their ranges.
void stay_in_range(const mjModel* m, mjData* d, const std::vector<int>& dofs) {
  for (const int dof : dofs) {
    const int joint = m->dof_jntid[dof], type = m->jnt_type[joint];
    if (!m->jnt_limited[joint]) continue;
    mjtNum* q = d->qpos + m->jnt_qposadr[joint];
    const mjtNum* range = m->jnt_range + 2 * static_cast<ptrdiff_t>(joint);
    if (type == mjJNT_HINGE || type == mjJNT_SLIDE) q[0] = std::clamp(q[0], range[0], range[1]);
    if (type != mjJNT_BALL) continue;
    Vector turn{};
    mju_quat2Vel(turn.data(), q, 1);
    const mjtNum angle = mju_normalize3(turn.data());
    if (angle > range[1]) mju_axisAngle2Quat(q, turn.data(), range[1]);
  }
}

// One step of the joints; false when nothing can move any more.
bool approach(const mjModel* m, mjData* d, std::vector<int> dofs, const std::vector<mjtNum>& jacobian,
              const Vector& error) {
  std::vector<mjtNum> step;
  for (bool again = true; again;) {  // joints at a stop leave the work to the others
    if (dofs.empty()) return false;
    step = damped_step(jacobian, static_cast<int>(m->nv), dofs, error);
    again = std::erase_if(dofs,
                          [&](int dof) { return is_stopped(m, d, dof, step[static_cast<size_t>(dof)]); }) > 0;
  }
  double scale = 1;
  for (const int dof : dofs) {
    const bool slides = m->jnt_type[m->dof_jntid[dof]] == mjJNT_SLIDE;
    const double most = kLargestStep * (slides ? m->stat.extent : 1);
    scale = std::min(scale, most / std::max(std::abs(step[static_cast<size_t>(dof)]), most));
  }
  mj_integratePos(m, d->qpos, step.data(), scale);
  stay_in_range(m, d, dofs);
  kinematics(m, d);
  return true;
}

}  // namespace

void drag_pose(const mjModel* m, mjData* d, const mjvPerturb& mouse) {
  const int body = mouse.select;
  if (body <= 0 || mouse.active == 0) return;
  if (m->body_mocapid[body] >= 0 || is_free(m, m->body_weldid[body])) {
    mjv_applyPerturbPose(m, d, &mouse, 1);
    kinematics(m, d);
    return;
  }
  const bool turns = (mouse.active & mjPERT_TRANSLATE) == 0;
  const double unit = turns ? 1 : m->stat.extent;
  const std::vector<int> dofs = moving_dofs(m, body);
  std::vector<mjtNum> jacobian(3 * static_cast<size_t>(m->nv));
  kinematics(m, d);
  for (int i = 0; i < kIterations; ++i) {
    Vector point{};
    Vector error = error_of(m, d, mouse, turns, point);
    const double far = mju_norm3(error.data());
    if (far <= kClose * unit) return;
    mju_scl3(error.data(), error.data(), std::min(1.0, kFurthest * unit / far));
    mj_jac(m, d, turns ? nullptr : jacobian.data(), turns ? jacobian.data() : nullptr, point.data(), body);
    if (!approach(m, d, dofs, jacobian, error)) return;
  }
}

}  // namespace reverie::viewer
