// Plays states and controls from a CSV file through the physics of a task.
// It writes rewards, observations and states in full double precision, so that others can check our physics.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "base/stop.h"
#include "sim/task/task.h"

namespace reverie::sim {

struct CsvResult {
  int64_t rows = 0;
  int64_t diverged_line = 0;  // of the input, 1-based, whose physics became non-finite; 0: none
  std::string divergence{};   // why: MuJoCo's warning with its time
};

// Columns of `input`, by name and in any order: reset (0/1), qpos_0..., qvel_0..., act_0..., ctrl_0..., and
// optionally mocap_<body>_x|y|z and mocap_<body>_qw|qx|qy|qz (world frame; left out: where the MJCF puts the
// body). A reset row sets that state (Env::reset_to), takes no step and prints reward 0; the first row must
// be one. Every other row applies ctrl as given, also beyond its range, and takes one control step; its state
// columns are ignored and may be empty. A row whose physics becomes non-finite ends the output before it: what
// follows would be a simulation that MuJoCo has reset. Output, one row for each:
// reward,terminated,truncated,obs_0...,qpos_0...,qvel_0... Throws UserError "<input_name>:line: column 'x':
// ..." for anything else, and base::Interrupted before the next row when `stop` is asked for.
CsvResult step_csv(const std::shared_ptr<const Task>& task, std::istream& input, std::string_view input_name,
                   std::ostream& output, const base::Stop* stop = nullptr);

// `count` fresh resets, episodes 0..count-1 of `seed`, in the same output form.
CsvResult csv_of_resets(const std::shared_ptr<const Task>& task, int64_t count, uint64_t seed,
                        std::ostream& output, const base::Stop* stop = nullptr);

}  // namespace reverie::sim
