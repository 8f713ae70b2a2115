// Pushes: sudden changes of a free body's planar velocity, [[event]] op = "push".
#pragma once

#include <span>
#include <vector>

#include "contract/rng.h"
#include "sim/expression/expression_builder.h"
#include "sim/task/interval.h"

namespace reverie::sim {

struct Push {
  int dof = 0;                   // first of two planar velocities, x then y
  double low = 0.0, high = 0.0;  // speed, m/s, in a random direction
  Interval interval;             // between two pushes
  int timer = 0;                 // task state: control steps until the next one
};

// Reads the rest of an [[event]] entry; the timer gets its place in the task state. Throws UserError.
Push read_push(TableReader& reader, const Scope& scope);

// Draws when the first pushes of an episode come.
void start_pushes(const std::vector<Push>& pushes, double control_dt, contract::Rng& rng,
                  std::span<double> task_state);

// Before the physics of a control step: pushes that are due change `data`, and their timers start again.
void step_pushes(const std::vector<Push>& pushes, double control_dt, mjData* data, contract::Rng& rng,
                 std::span<double> task_state);

}  // namespace reverie::sim
