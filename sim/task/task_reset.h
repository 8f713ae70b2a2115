// Reset operations: an ordered list that makes the first state of an episode.
// Each operation runs on a fresh mjData, with its formulas evaluated at that moment.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "contract/rng.h"
#include "sim/expression/expression_builder.h"
#include "sim/task/joint_noise.h"
#include "sim/task/origin.h"

namespace reverie::sim {

struct ResetOp;

// Numbers of mjData that an operation writes.
struct ResetTarget {
  Source field = Source::kQpos;  // kQpos, kQvel, kAct, kMocapPos or kMocapQuat
  std::vector<int> addresses;    // elements of that field, [n]
  bool add = false;              // add to the present values
};

// Independent random numbers whose parameters are formulas.
struct RandomNumbers {
  bool normal = false;  // mean + std N(0, 1); else uniform from low to high
  Program program;
  std::vector<int> first, second;  // slots [n]: low and high, or mean and std
};

// keyframe, by name or number: qpos, qvel, act, ctrl and mocap poses of a keyframe; not its time.
struct LoadKeyframe {
  int key = 0;
};
// random_joints: every joint within its range.
struct RandomJoints {
  std::vector<int> joints;
};
// joint_noise: JointNoise (sim/task/joint_noise.h).
// uniform, normal: field = random numbers.
struct RandomField {
  ResetTarget target;
  RandomNumbers numbers;
};
// set: field = value.
struct SetField {
  ResetTarget target;
  Program program;
  std::vector<int> slots;  // [n]
};
// draw: a named variable of the episode, one of `values` where there are any.
struct DrawVariable {
  int state_offset = 0, state_size = 1;  // in the task state
  std::vector<double> values;
  RandomNumbers numbers;
};
// random_quat: a uniformly random orientation, or one from normalised U(0, 1)^4.
struct RandomQuat {
  Source field = Source::kQpos;  // kQpos or kMocapQuat
  std::vector<int> addresses;    // first elements of the quaternions
  bool positive_orthant = false;
};
// choice: one branch, by probability.
struct Choice {
  std::vector<std::vector<ResetOp>> branches;
  std::vector<double> weights;  // cumulative, end at 1
};
// until: the operations are repeated until a condition holds.
struct RepeatUntil {
  std::vector<ResetOp> ops;
  Program condition;
  int slot = 0;  // non-zero: the state is accepted
  int max_tries = 0;
  bool keep_last = false;  // keep the last state when tries run out, instead of failing
};
// lift_until_free: raise a free joint from z = start until nothing touches; all else stays.
struct LiftUntilFree {
  int joint = 0;
  double start = 0.0, rise = 0.0;  // m
  int max_tries = 0;
};
// settle: physics steps with neutral control; time and controls are put back.
struct Settle {
  int steps = 0;
};
// forward: recompute positions and contacts, of quaternions brought to length 1.
struct Forward {};

struct ResetOp {
  std::variant<LoadKeyframe, RandomJoints, JointNoise, RandomField, SetField, DrawVariable, RandomQuat,
               Choice, RepeatUntil, LiftUntilFree, Settle, Forward>
      what;
  Origin origin{};  // of the operation, with its formulas
};

// What the operations run on.
struct ResetContext {
  const mjModel* model = nullptr;
  mjData* data = nullptr;
  std::span<double> task_state;
  std::span<double> workspace;           // reset_workspace() numbers
  std::function<void()> const& forward;  // unit quaternions, then mj_forward with actuation disabled
  contract::Rng& rng;
  int64_t& budget;  // operations and physics steps left before the reset is given up
};

constexpr int64_t kResetBudget = 300000;

// Names that `draw` operations introduce anywhere in the section; they get their place in the task state.
std::vector<NamedState> collect_draws(const TomlNode* section, const Scope& scope);
// The operations of a [[reset]] section (nullptr: none). Throws UserError.
std::vector<ResetOp> read_reset(const TomlNode* section, const Scope& scope);

// Throws UserError when an `until` finds no acceptable state, the budget is spent, or an operation writes a
// number that is not finite.
void run_reset(const std::vector<ResetOp>& ops, const ResetContext& context);

// Numbers of workspace that the operations need.
int reset_workspace(const std::vector<ResetOp>& ops, const mjModel* model);

}  // namespace reverie::sim
