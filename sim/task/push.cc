#include "sim/task/push.h"

#include <cmath>

#include "sim/model.h"

namespace reverie::sim {

// The first x, y translation of the model's root: a free joint, or slides along x (and y).
Push read_push(TableReader& reader, const Scope& scope) {
  const mjModel* m = scope.model;
  Push out;
  out.dof = -1;
  const std::string joint = reader.text("joint", "");
  for (int i = 0; i < m->njnt; ++i) {
    const bool wanted = joint.empty() || object_name(m, mjOBJ_JOINT, i) == joint;
    if (wanted && m->jnt_type[i] == mjJNT_FREE && out.dof < 0) out.dof = m->jnt_dofadr[i];
  }
  if (out.dof < 0) fail_at(reader.node().position, "push: the model has no such free joint");
  out.interval = read_interval(reader, scope, "interval");
  const std::vector<double> speed = finite_values(scope, reader.need("speed"), "push.speed");
  out.low = speed.front(), out.high = speed.back();
  if (speed.size() > 2 || !(out.low <= out.high))
    fail_at(reader.node().position, "push.speed: expected n or [low, high]");
  out.timer = scope.layout->allocate(1);
  return out;
}

void start_pushes(const std::vector<Push>& pushes, double control_dt, contract::Rng& rng,
                  std::span<double> task_state) {
  for (const Push& push : pushes) task_state[push.timer] = push.interval.draw_steps(control_dt, rng);
}

void step_pushes(const std::vector<Push>& pushes, double control_dt, mjData* data, contract::Rng& rng,
                 std::span<double> task_state) {
  for (const Push& push : pushes) {
    if (--task_state[push.timer] > 0.0) continue;
    const double angle = rng.uniform(-mjPI, mjPI), speed = rng.uniform(push.low, push.high);
    data->qvel[push.dof] += speed * std::cos(angle);
    data->qvel[push.dof + 1] += speed * std::sin(angle);
    task_state[push.timer] = push.interval.draw_steps(control_dt, rng);
  }
}

}  // namespace reverie::sim
