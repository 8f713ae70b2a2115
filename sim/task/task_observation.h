// Observation items: what is done to an expression's value before the policy sees it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "contract/rng.h"
#include "sim/expression/expression_builder.h"
#include "sim/task/origin.h"

namespace reverie::sim {

// value -> + bias -> + noise -> delay -> * scale -> clip -> history, in this order.
struct ObservationItem {
  std::string name;
  Origin origin{};                    // of its expression
  std::vector<int> slots;             // of the task's program, [n]
  bool privileged = false;            // for critics and reports only, never in the flat vector
  int offset = 0;                     // in its flat vector
  bool normal_noise = false;          // else uniform in +-noise
  std::vector<double> noise, bias;    // [n] or empty; the bias is uniform in +-bias, drawn once an episode
  int delay_low = 0, delay_high = 0;  // control steps, drawn once an episode
  std::vector<double> scale;          // [n] or empty
  double clip_low = 0.0, clip_high = 0.0;
  bool clipped = false;
  int history = 1;  // values kept, oldest first

  // Offsets into the task state; -1 when not used.
  int bias_state = -1, delay_count = -1, delay_buffer = -1, history_buffer = -1;
  int width() const { return static_cast<int>(slots.size()); }
  int size() const { return width() * history; }
};

// Read the [[observation]] section; items get their slots in `builder`'s program.
std::vector<ObservationItem> read_observation(const TomlNode& section, const Scope& scope,
                                              ProgramBuilder& builder);

// Draw biases and delays for a new episode; buffers will be filled by the first observe().
void reset_observation(const std::vector<ObservationItem>& items, contract::Rng& rng,
                       std::span<double> task_state);

enum class ObserveMode {
  kFirst,   // after a reset: buffers are filled with the first value
  kNext,    // after a step: buffers move on
  kReread,  // after a restore: buffers already hold this step
};

// Write the flat vectors from evaluated `slots`; noise is drawn from `rng` in item order.
void observe(const std::vector<ObservationItem>& items, ObserveMode mode, std::span<const double> slots,
             contract::Rng& rng, std::span<double> task_state, std::span<double> policy,
             std::span<double> privileged);

}  // namespace reverie::sim
