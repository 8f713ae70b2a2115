// The [[command]] section: goals drawn for the robot.
// Observations and rewards may read them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "contract/rng.h"
#include "sim/expression/expression_builder.h"
#include "sim/task/interval.h"

namespace reverie::sim {

struct Command {
  std::string name;
  std::vector<double> low, high;  // [n]
  double zero_probability = 0.0;  // all zeros with this probability
  Interval interval;              // between draws; 0: once an episode
  int offset = 0, timer = -1;     // places in the task state; no timer: -1
};

// Reads the section (nullptr: no commands). Expressions may use commands, so it is read before
// them. Throws UserError.
std::vector<Command> read_commands(const TomlNode* section, const Scope& scope);

// Draws the first commands of an episode.
void start_commands(const std::vector<Command>& commands, double control_dt, contract::Rng& rng,
                    std::span<double> task_state);

// After the physics of a control step; true when a command was drawn anew.
bool step_commands(const std::vector<Command>& commands, double control_dt, contract::Rng& rng,
                   std::span<double> task_state);

}  // namespace reverie::sim
