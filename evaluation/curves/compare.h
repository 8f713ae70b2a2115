// Draws learning curves of runs beside each other and beside published ones.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "report/plot.h"

namespace reverie::evaluation {

// Returns of one training, over environment steps and over time.
struct RunCurve {
  std::string name;                          // e.g. the run's directory
  std::string task;                          // "dmc/cartpole-swingup"
  bool fixed_data = false;                   // learned from a dataset: steps are updates
  std::vector<double> steps, wall, returns;  // wall: seconds since the training began
  // Control steps for which the dream held, of the same evaluations; NaN where not measured, empty where never.
  std::vector<double> valid_steps = {};
};

// The return `at` a number of steps, on straight lines between the points of a curve; NaN outside of it.
double value_at(std::span<const double> steps, std::span<const double> returns, double at);

// One plot a task, in the order in which tasks appear. Runs are lines and published curves are dashed. The x
// axis ends at 100,000 steps or at the end of the longest run, whichever is later. Runs that learned from a
// dataset made no steps and are missing.
std::vector<report::Plot> comparison_plots(std::span<const RunCurve> runs);

// One plot a task over wall-clock time, with all runs. A published curve has no times: its return after 100,000
// steps is a line across.
std::vector<report::Plot> wall_clock_plots(std::span<const RunCurve> runs);

// One plot a task over steps: for how many control steps each run's dream held. Tasks without such a measurement, and
// runs that learned from a dataset, are missing.
std::vector<report::Plot> dream_plots(std::span<const RunCurve> runs);

// A table for the terminal: a line for each run and each published curve of its task, with the returns after
// 20k, 50k, 100k, 200k and 500k steps and the last return; and for how long the dream held last, of tasks where that
// was measured.
std::string comparison_text(std::span<const RunCurve> runs);

// The whole HTML page: plots and tables.
std::string comparison_html(std::span<const RunCurve> runs);

// Writes compare.html and, for each task, compare-<task>.png, compare-<task>-wall-clock.png and, where it was measured,
// compare-<task>-dream.png into `directory`, which is made when it is missing. Returns the page's path. Throws
// base::Interrupted between two files when `stop` is asked for.
std::filesystem::path write_comparison(std::span<const RunCurve> runs, const std::filesystem::path& directory,
                                       const base::Stop* stop = nullptr);

}  // namespace reverie::evaluation
