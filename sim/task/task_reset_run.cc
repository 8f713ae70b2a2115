#include <algorithm>
#include <cmath>
#include <limits>

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

double draw(const RandomNumbers& numbers, size_t i, const ResetContext& context) {
  const double first = context.workspace[numbers.first[i]], second = context.workspace[numbers.second[i]];
  // A range without an end has no uniform number; check_written() tells it.
  if (!std::isfinite(first) || !std::isfinite(second)) return std::numeric_limits<double>::quiet_NaN();
  return numbers.normal ? first + second * context.rng.normal() : context.rng.uniform(first, second);
}

void write(const ResetTarget& target, size_t i, double value, mjData* data) {
  double& number = field_of(data, target.field)[target.addresses[i]];
  number = target.add ? number + value : value;
}

// Only what a keyframe is said to hold: mj_resetDataKeyframe would also take its time and clear the rest.
void run(const LoadKeyframe& op, const ResetContext& context) {
  const mjModel* m = context.model;
  mjData* d = context.data;
  const int64_t key = op.key;
  std::copy_n(m->key_qpos + key * m->nq, m->nq, d->qpos);
  std::copy_n(m->key_qvel + key * m->nv, m->nv, d->qvel);
  std::copy_n(m->key_act + key * m->na, m->na, d->act);
  std::copy_n(m->key_ctrl + key * m->nu, m->nu, d->ctrl);
  std::copy_n(m->key_mpos + key * 3 * m->nmocap, 3 * m->nmocap, d->mocap_pos);
  std::copy_n(m->key_mquat + key * 4 * m->nmocap, 4 * m->nmocap, d->mocap_quat);
}

void run(const RandomJoints& op, const ResetContext& context) {
  for (const int joint : op.joints) random_joint(context.model, context.data, joint, context.rng);
}

void run(const JointNoise& op, const ResetContext& context) {
  add_joint_noise(op, context.model, context.data, context.workspace, context.rng);
}

void run(const RandomField& op, const ResetContext& context) {
  evaluate(op.numbers.program, context);
  for (size_t i = 0; i < op.target.addresses.size(); ++i)
    write(op.target, i, draw(op.numbers, i, context), context.data);
}

void run(const SetField& op, const ResetContext& context) {
  evaluate(op.program, context);
  for (size_t i = 0; i < op.target.addresses.size(); ++i)
    write(op.target, i, context.workspace[op.slots[i]], context.data);
}

void run(const DrawVariable& op, const ResetContext& context) {
  double* out = context.task_state.data() + op.state_offset;
  if (op.values.empty()) evaluate(op.numbers.program, context);
  for (int i = 0; i < op.state_size; ++i) {
    out[i] = op.values.empty()
                 ? draw(op.numbers, static_cast<size_t>(i), context)
                 : op.values[static_cast<size_t>(context.rng.below(static_cast<int64_t>(op.values.size())))];
  }
}

void run(const RandomQuat& op, const ResetContext& context) {
  for (const int address : op.addresses)
    random_quat(field_of(context.data, op.field) + address, op.positive_orthant, context.rng);
}

void run(const Choice& op, const ResetContext& context) {
  const double u = context.rng.uniform();
  size_t branch = 0;
  while (branch + 1 < op.weights.size() && u >= op.weights[branch]) ++branch;
  run_reset(op.branches[branch], context);
}

void run(const RepeatUntil& op, const ResetContext& context) {
  for (int attempt = 0; attempt < op.max_tries; ++attempt) {
    spend(context);
    run_reset(op.ops, context);
    context.forward();
    evaluate(op.condition, context);
    if (std::abs(context.workspace[op.slot]) > 0.0) return;  // nan is no acceptance
  }
  if (!op.keep_last)
    base::throw_user_error("reset: 'until' found no acceptable state in {} tries", op.max_tries);
}

// At each height the state is put back as it was found, as if the lift began there: nothing of an earlier try may
// be left in the solver.
void run(const LiftUntilFree& op, const ResetContext& context) {
  const mjModel* m = context.model;
  mjData* d = context.data;
  mj_getState(m, d, context.workspace.data(), mjSTATE_INTEGRATION);
  double height = op.start;
  for (int attempt = 0; attempt < op.max_tries; ++attempt, height += op.rise) {
    spend(context);
    mj_resetData(m, d);
    mj_setState(m, d, context.workspace.data(), mjSTATE_INTEGRATION);
    d->qpos[m->jnt_qposadr[op.joint] + 2] = height;
    try {
      context.forward();
      if (d->ncon == 0) return;
    } catch (const PhysicsError&) {  // so deep inside something that the engine gave up: a contact
    }
  }
  base::throw_user_error("reset: lift_until_free still touches something after {} tries", op.max_tries);
}

// `time` seen `elapsed` seconds earlier. A multiple of the timestep stays one: the engine looks for equal times.
double earlier(double time, double elapsed, double timestep) {
  const double moved = time - elapsed, whole = std::round(moved / timestep) * timestep;
  return std::abs(moved - whole) < 1e-6 * timestep ? whole : moved;
}

// Moves the clock of one delay line: {last tick, cursor, times[samples], ...}.
void shift_times(double* buffer, int samples, double elapsed, double timestep) {
  if (samples == 0) return;
  buffer[0] = earlier(buffer[0], elapsed, timestep);
  for (int i = 0; i < samples; ++i) buffer[2 + i] = earlier(buffer[2 + i], elapsed, timestep);
}

void run(const Settle& op, const ResetContext& context) {
  const mjModel* m = context.model;
  mjData* d = context.data;
  spend(context, op.steps);
  std::copy_n(d->ctrl, m->nu, context.workspace.data());
  const double start = d->time;
  mj_resetCtrl(m, d);
  context.forward();
  for (int i = 0; i < op.steps; ++i) mj_step(m, d);
  const double elapsed = d->time - start;
  for (int i = 0; i < m->nactuator; ++i)
    shift_times(d->history + m->actuator_historyadr[i], m->actuator_history[int64_t{2} * i], elapsed,
                m->opt.timestep);
  for (int i = 0; i < m->nsensor; ++i)
    shift_times(d->history + m->sensor_historyadr[i], m->sensor_history[int64_t{2} * i], elapsed,
                m->opt.timestep);
  d->time = start;
  std::copy_n(context.workspace.data(), m->nu, d->ctrl);
}

void run(const Forward&, const ResetContext& context) { context.forward(); }

// An operation has written numbers: all of them are finite.
void check_written(const ResetOp& op, const ResetContext& context) {
  const mjModel* m = context.model;
  const mjData* d = context.data;
  const auto check = [&](const char* field, std::span<const double> values) {
    const auto bad = std::ranges::find_if(values, [](double x) { return !std::isfinite(x); });
    if (bad == values.end()) return;
    fail_at(op.origin.position,
            fmt::format("{}{}{}: {}[{}] is {}; expected a finite number", op.origin.what,
                        op.origin.expression.empty() ? "" : ": ", op.origin.expression, field,
                        bad - values.begin(), std::isnan(*bad) ? "nan" : "infinite"));
  };
  check("qpos", {d->qpos, static_cast<size_t>(m->nq)});
  check("qvel", {d->qvel, static_cast<size_t>(m->nv)});
  check("act", {d->act, static_cast<size_t>(m->na)});
  check("mocap_pos", {d->mocap_pos, static_cast<size_t>(3 * m->nmocap)});
  check("mocap_quat", {d->mocap_quat, static_cast<size_t>(4 * m->nmocap)});
  check("task_state", context.task_state);
}

}  // namespace

void run_reset(const std::vector<ResetOp>& ops, const ResetContext& context) {
  for (const ResetOp& op : ops) {
    spend(context);
    std::visit([&](const auto& one) { run(one, context); }, op.what);
    check_written(op, context);
  }
}

}  // namespace reverie::sim
