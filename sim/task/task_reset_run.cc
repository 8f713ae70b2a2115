#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "sim/model.h"
#include "sim/task/task_reset.h"

namespace reverie::sim {
namespace {

void spend(const ResetContext& context, int64_t cost = 1) {
  context.budget -= cost;
  if (context.budget < 0)
    base::throw_user_error("reset: more than {} operations and physics steps", kResetBudget);
}

double* field_of(mjData* data, Source field) {
  switch (field) {
    case Source::kQvel:
      return data->qvel;
    case Source::kAct:
      return data->act;
    case Source::kMocapPos:
      return data->mocap_pos;
    case Source::kMocapQuat:
      return data->mocap_quat;
    default:
      return data->qpos;
  }
}

void evaluate(const Program& program, const ResetContext& context) {
  program.initialise(context.workspace);
  program.run({context.model, context.data, context.task_state.data()}, context.workspace);
}

void random_quat(double* quat, bool positive_orthant, contract::Rng& rng) {
  do {
    for (int k = 0; k < 4; ++k) quat[k] = positive_orthant ? rng.uniform() : rng.normal();
  } while (std::hypot(std::hypot(quat[0], quat[1]), std::hypot(quat[2], quat[3])) < 1e-9);
  mju_normalize4(quat);
}

// Limited hinges and slides: uniform in their range; unlimited hinges: U(-pi, pi); unlimited slides stay.
// Ball joints: a random axis with a uniform angle up to the limit, or a uniform orientation; free joints:
// orientation from the normalised U(0,1)^4, position stays.
void random_joint(const mjModel* m, mjData* data, int joint, contract::Rng& rng) {
  double* q = data->qpos + m->jnt_qposadr[joint];
  const double* range = m->jnt_range + int64_t{2} * joint;
  const double low = range[0], high = range[1];
  const bool limited = m->jnt_limited[joint] != 0;
  switch (m->jnt_type[joint]) {
    case mjJNT_FREE:
      random_quat(q + 3, true, rng);
      break;
    case mjJNT_BALL:
      if (limited) {
        double axis[3] = {rng.normal(), rng.normal(), rng.normal()};
        mju_normalize3(axis);
        mju_axisAngle2Quat(q, axis, rng.uniform() * high);
      } else {
        random_quat(q, false, rng);
      }
      break;
    case mjJNT_HINGE:
      q[0] = limited ? rng.uniform(low, high) : rng.uniform(-mjPI, mjPI);
      break;
    default:
      if (limited) q[0] = rng.uniform(low, high);
  }
}

void write_field(const ResetOp& op, const ResetContext& context) {
  double* field = field_of(context.data, op.field);
  evaluate(op.program, context);
  for (size_t i = 0; i < op.addresses.size(); ++i) {
    const double first = context.workspace[op.first[i]];
    double value = first;
    if (op.kind == ResetOp::Kind::kUniform)
      value = context.rng.uniform(first, context.workspace[op.second[i]]);
    if (op.kind == ResetOp::Kind::kNormal)
      value = first + context.workspace[op.second[i]] * context.rng.normal();
    double& target = field[op.addresses[i]];
    target = op.add ? target + value : value;
  }
}

void draw_variable(const ResetOp& op, const ResetContext& context) {
  double* out = context.task_state.data() + op.state_offset;
  if (op.values.empty()) evaluate(op.program, context);
  for (int i = 0; i < op.state_size; ++i) {
    if (!op.values.empty()) {
      out[i] = op.values[static_cast<size_t>(context.rng.below(static_cast<int64_t>(op.values.size())))];
      continue;
    }
    const double first = context.workspace[op.first[i]], second = context.workspace[op.second[i]];
    out[i] = op.normal ? first + second * context.rng.normal() : context.rng.uniform(first, second);
  }
}

// A full reset at each height, as if the episode began there: nothing of an earlier try may be left in the
// solver.
void lift_until_free(const ResetOp& op, const ResetContext& context) {
  const mjModel* m = context.model;
  mjData* d = context.data;
  double* qpos = context.workspace.data();
  double* mocap_pos = std::copy(d->qpos, d->qpos + m->nq, qpos);
  double* mocap_quat = std::copy(d->mocap_pos, d->mocap_pos + 3 * m->nmocap, mocap_pos);
  double* end = std::copy(d->mocap_quat, d->mocap_quat + 4 * m->nmocap, mocap_quat);
  double height = op.start;
  for (int attempt = 0; attempt < op.max_tries; ++attempt, height += op.rise) {
    spend(context);
    mj_resetData(m, d);
    std::copy(qpos, mocap_pos, d->qpos);
    std::copy(mocap_pos, mocap_quat, d->mocap_pos);
    std::copy(mocap_quat, end, d->mocap_quat);
    d->qpos[m->jnt_qposadr[op.joints[0]] + 2] = height;
    try {
      context.forward();
      if (d->ncon == 0) return;
    } catch (const PhysicsError&) {  // so deep inside something that the engine gave up: a contact
    }
  }
  base::throw_user_error("reset: lift_until_free still touches something after {} tries", op.max_tries);
}

void settle(const ResetOp& op, const ResetContext& context) {
  spend(context, op.steps);
  mju_zero(context.data->ctrl, static_cast<int>(context.model->nu));
  context.forward();
  for (int i = 0; i < op.steps; ++i) mj_step(context.model, context.data);
  context.data->time = 0.0;
}

void repeat_until(const ResetOp& op, const ResetContext& context) {
  for (int attempt = 0; attempt < op.max_tries; ++attempt) {
    spend(context);
    run_reset(op.branches[0], context);
    context.forward();
    evaluate(op.program, context);
    if (context.workspace[op.first[0]] != 0.0) return;
  }
  if (!op.keep_last)
    base::throw_user_error("reset: 'until' found no acceptable state in {} tries", op.max_tries);
}

void run_one(const ResetOp& op, const ResetContext& context) {
  mjData* d = context.data;
  spend(context);
  switch (op.kind) {
    case ResetOp::Kind::kKeyframe:
      mj_resetDataKeyframe(context.model, d, op.key);
      break;
    case ResetOp::Kind::kRandomJoints:
      for (const int joint : op.joints) random_joint(context.model, d, joint, context.rng);
      break;
    case ResetOp::Kind::kUniform:
    case ResetOp::Kind::kNormal:
    case ResetOp::Kind::kSet:
      write_field(op, context);
      break;
    case ResetOp::Kind::kDraw:
      draw_variable(op, context);
      break;
    case ResetOp::Kind::kRandomQuat:
      for (const int address : op.addresses)
        random_quat(field_of(d, op.field) + address, op.positive_orthant, context.rng);
      break;
    case ResetOp::Kind::kChoice: {
      const double u = context.rng.uniform();
      size_t branch = 0;
      while (branch + 1 < op.weights.size() && u >= op.weights[branch]) ++branch;
      run_reset(op.branches[branch], context);
      break;
    }
    case ResetOp::Kind::kUntil:
      repeat_until(op, context);
      break;
    case ResetOp::Kind::kLiftUntilFree:
      lift_until_free(op, context);
      break;
    case ResetOp::Kind::kSettle:
      settle(op, context);
      break;
    case ResetOp::Kind::kForward:
      context.forward();
      break;
  }
}

}  // namespace

void run_reset(const std::vector<ResetOp>& ops, const ResetContext& context) {
  for (const ResetOp& op : ops) run_one(op, context);
}

}  // namespace reverie::sim
