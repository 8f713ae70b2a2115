// ActionMap: turns the policy's action into MuJoCo's ctrl.
#pragma once

#include <span>
#include <vector>

#include "sim/controls.h"
#include "sim/expression/expression_builder.h"

namespace reverie::sim {

struct ActionMap {
  enum class Kind {
    kRaw,            // ctrl = action, within the control ranges
    kCtrlRange,      // action in [-1, 1] covers each control range
    kJointPosition,  // ctrl = default position + scale * action
    kDeltaPosition,  // ctrl += scale * action, from the joint positions at reset
  };
  Kind kind = Kind::kRaw;
  std::vector<double> low, high;      // [A] what the policy may send
  std::vector<double> scale, offset;  // [A] of the affine maps
  std::vector<int> qpos_address;      // [A] of the driven joints (positions only)
  bool clip = false;                  // clamp the action to [low, high] first
  int delay_low = 0, delay_high = 0;  // control steps, drawn once an episode
  double ema = 0.0;                   // applied = ema * last + (1 - ema) * action

  // Offsets into the task state; -1 when not used.
  int delay_count = -1, delay_buffer = -1;  // 1, [delay_high + 1, A] newest first
  int ema_state = -1;                       // [A]
  int target = -1;                          // [A]
  int size() const { return static_cast<int>(low.size()); }
};

// `table` is the [action] section or nullptr.
ActionMap read_action_map(const TomlNode* table, const Scope& scope);

// Fill delay, ema and target state at the start of an episode; `delay` is the drawn number of steps.
void reset_action(const ActionMap& map, const mjData* data, int delay, std::span<double> task_state);

// `action` [A] in, clipped in place; writes data->ctrl.
void apply_action(const ActionMap& map, const mjModel* model, mjData* data, std::span<double> action,
                  std::span<double> task_state);

}  // namespace reverie::sim
