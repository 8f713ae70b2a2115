// Learning curves side by side, and against published ones.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/plot.h"

namespace reverie::evaluation {

// Returns of one training, over environment steps and over time.
struct RunCurve {
  std::string name;                          // e.g. the run's directory
  std::string task;                          // "dmc/cartpole-swingup"
  bool fixed_data = false;                   // learned from a dataset: steps are updates
  std::vector<double> steps, wall, returns;  // wall: seconds since the training began
};

struct PublishedCurve {
  std::string algorithm;  // "TD-MPC2"
  std::vector<double> steps, returns;
};

// Curves published for a task from state observations (source in published.cc); empty when there are none.
std::vector<PublishedCurve> published_curves(std::string_view task);

// Return at `steps`, linear between points; NaN outside the curve.
double value_at(std::span<const double> steps, std::span<const double> returns, double at);

// One plot a task, in the order in which tasks appear: runs as lines, published curves dashed, as far as
// 100,000 steps or the longest run, whichever is more. Runs that learned from a dataset made no steps: they
// are in the plots by time only.
std::vector<report::Plot> comparison_plots(std::span<const RunCurve> runs);

// The same runs by wall-clock. Published curves have none: what they had after 100,000 steps is a line
// across.
std::vector<report::Plot> wall_clock_plots(std::span<const RunCurve> runs);

// The table for the terminal: a line for each run and each published curve of its task, with the last return
// and the return after 20k, 50k, 100k, 200k and 500k steps.
std::string comparison_text(std::span<const RunCurve> runs);
std::string comparison_html(std::span<const RunCurve> runs);

// compare.html and, a task, compare-<task>.png and compare-<task>-wall-clock.png into `directory` (made when
// missing). Returns the page's path.
std::filesystem::path write_comparison(std::span<const RunCurve> runs,
                                       const std::filesystem::path& directory);

}  // namespace reverie::evaluation
