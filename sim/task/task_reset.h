// Reset operations: an ordered list run on a fresh mjData, each with formulas evaluated at that moment.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "contract/rng.h"
#include "sim/expression/expression_builder.h"

namespace reverie::sim {

struct ResetOp {
  enum class Kind {
    kKeyframe,       // qpos, qvel, act, ctrl, mocap of a keyframe
    kRandomJoints,   // every joint within its range (see random_joint)
    kUniform,        // field ~ U(low, high)
    kNormal,         // field ~ mean + std N
    kSet,            // field = value
    kDraw,           // a named variable of the episode: uniform, normal or one of `values`
    kRandomQuat,     // a uniformly random orientation
    kChoice,         // one branch, by probability
    kUntil,          // repeat the operations until a condition holds
    kLiftUntilFree,  // raise a free joint from z = start by `step` until nothing touches
    kSettle,         // physics steps with zero control, then time = 0
    kForward,        // recompute positions and contacts
  };
  Kind kind = Kind::kForward;
  Source field = Source::kQpos;    // of kUniform, kNormal, kSet: kQpos, kQvel, kAct, kMocapPos or kMocapQuat
  std::vector<int> addresses;      // elements of that field
  bool add = false;                // add to the present value
  Program program;                 // its formulas, evaluated when it runs
  std::vector<int> first, second;  // slots: low and high; mean and std; value; the condition of kUntil
  bool normal = false;             // kDraw
  std::vector<double> values;      // kDraw
  std::vector<int> joints;         // kRandomJoints; the one of kLiftUntilFree
  bool positive_orthant = false;   // kRandomQuat from normalised U(0,1)^4
  int key = 0;                     // kKeyframe
  int state_offset = 0, state_size = 1;        // kDraw
  std::vector<std::vector<ResetOp>> branches;  // kChoice; the body of kUntil
  std::vector<double> weights;                 // cumulative, ends at 1
  int max_tries = 0;
  bool keep_last = false;  // kUntil: when tries run out keep the last state instead of failing
  int steps = 0;           // kSettle
  double start = 0.0, rise = 0.0;
};

// What the operations run on.
struct ResetContext {
  const mjModel* model = nullptr;
  mjData* data = nullptr;
  std::span<double> task_state;
  std::span<double> workspace;           // reset_workspace() numbers
  std::function<void()> const& forward;  // mj_forward with actuation disabled
  contract::Rng& rng;
  int64_t& budget;  // operations and physics steps left before the reset is given up
};

constexpr int64_t kResetBudget = 300000;

// Names that `draw` operations introduce anywhere in the section; they get their place in the task state.
std::vector<NamedState> collect_draws(const TomlNode* section, const Scope& scope);
std::vector<ResetOp> read_reset(const TomlNode* section, const Scope& scope);

// Throws UserError when an `until` finds no acceptable state or the budget is spent.
void run_reset(const std::vector<ResetOp>& ops, const ResetContext& context);

int reset_workspace(const std::vector<ResetOp>& ops, const mjModel* model);

}  // namespace reverie::sim
