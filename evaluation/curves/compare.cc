#include "evaluation/curves/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/files.h"
#include "evaluation/curves/published.h"
#include "evaluation/text.h"
#include "report/html.h"
#include "report/ticks.h"

namespace reverie::evaluation {
namespace {

constexpr double kBudgets[] = {20e3, 50e3, 100e3, 200e3, 500e3};
constexpr double kPublishedAt = 100e3;  // environment steps

std::vector<std::string> tasks_of(std::span<const RunCurve> runs) {
  std::vector<std::string> tasks;
  for (const RunCurve& run : runs)
    if (std::ranges::find(tasks, run.task) == tasks.end()) tasks.push_back(run.task);
  return tasks;
}

std::string return_text(double value) { return std::isfinite(value) ? fmt::format("{:.0f}", value) : "–"; }

std::vector<std::string> table_row(const std::string& name, std::span<const double> steps,
                                   std::span<const double> returns, bool fixed_data = false) {
  std::vector<std::string> row{name};
  for (const double budget : kBudgets)
    row.push_back(fixed_data ? "–" : return_text(value_at(steps, returns, budget)));
  row.push_back(steps.empty()
                    ? "–"
                    : fmt::format("{} at {}{}", return_text(returns.back()),
                                  report::tick_text(steps.back(), 1.0), fixed_data ? " updates" : ""));
  return row;
}

// The finite points of how long the dream of `run` held.
report::Series dream_series(const RunCurve& run) {
  report::Series series;
  series.name = run.name;
  for (size_t i = 0; i < run.valid_steps.size(); ++i) {
    if (!std::isfinite(run.valid_steps[i])) continue;
    series.x.push_back(run.steps[i]);
    series.y.push_back(run.valid_steps[i]);
  }
  return series;
}

std::string dream_text(const RunCurve& run) {
  const report::Series series = dream_series(run);
  return series.y.empty() ? "–" : fmt::format("{:.0f}", series.y.back());
}

bool has_dream(std::span<const RunCurve> runs, const std::string& task) {
  return std::ranges::any_of(runs, [&](const RunCurve& r) { return r.task == task && dream_text(r) != "–"; });
}

// The head, then a row for each run of `task` and for each published curve.
TextTable task_table(std::span<const RunCurve> runs, const std::string& task) {
  std::vector<std::string> head{task};
  for (const double budget : kBudgets) head.push_back(report::tick_text(budget, 1e4));
  head.push_back("last");
  TextTable table{head};
  for (const RunCurve& run : runs)
    if (run.task == task) table.push_back(table_row(run.name, run.steps, run.returns, run.fixed_data));
  for (const PublishedCurve& curve : published_curves(task))
    table.push_back(table_row(curve.algorithm + ", published", curve.steps, curve.returns));
  if (!has_dream(runs, task)) return table;
  table.front().emplace_back("dream holds");
  size_t line = 1;
  for (const RunCurve& run : runs)
    if (run.task == task) table[line++].push_back(dream_text(run));
  for (; line < table.size(); ++line) table[line].emplace_back("–");
  return table;
}

// What a learning curve is drawn over.
enum class Axis { kSteps, kWallClock };

report::Series published_series(const PublishedCurve& curve, Axis axis, double longest) {
  report::Series series;
  series.dashed = true;
  series.width = 1.5;
  if (axis == Axis::kWallClock) {  // how long it took is not published: a level
    const double value = value_at(curve.steps, curve.returns, kPublishedAt);
    series.name = curve.algorithm + ", published, 100k steps";
    if (!std::isfinite(value)) return series;
    series.x = {0.0, longest};
    series.y = {value, value};
    return series;
  }
  series.name = curve.algorithm + ", published";
  series.points = true;
  for (size_t i = 0; i < curve.steps.size() && curve.steps[i] <= longest; ++i) {
    series.x.push_back(curve.steps[i]);
    series.y.push_back(curve.returns[i]);
  }
  return series;
}

// The runs of `task` and the published curves. A run has the same colour over both axes.
report::Plot task_plot(std::span<const RunCurve> runs, const std::string& task, Axis axis) {
  const bool steps = axis == Axis::kSteps;
  report::Plot plot;
  plot.title = task;
  plot.x_label = steps ? "environment steps" : "wall-clock, s";
  plot.y_label = "return of an episode";
  plot.width = 860;
  plot.height = 460;
  double longest = steps ? kPublishedAt : 1.0;
  int colour = 0;
  for (const RunCurve& run : runs) {
    if (run.task != task) continue;
    report::Series series;
    series.name = run.name;
    series.x = steps ? run.steps : run.wall;
    series.y = run.returns;
    series.colour = colour++;
    if (steps && run.fixed_data) continue;  // its steps are updates
    if (!series.x.empty()) longest = std::max(longest, series.x.back());
    plot.series.push_back(std::move(series));
  }
  for (const PublishedCurve& curve : published_curves(task)) {
    report::Series series = published_series(curve, axis, longest);
    series.colour = colour++;
    if (steps || !series.x.empty()) plot.series.push_back(std::move(series));
  }
  plot.x_range = report::Range{0.0, longest};
  return plot;
}

// Empty without a measurement. A run has the same colour as in the other plots.
report::Plot dream_plot(std::span<const RunCurve> runs, const std::string& task) {
  report::Plot plot;
  plot.title = task + ": how long the dream holds";
  plot.x_label = "environment steps";
  plot.y_label = "control steps";
  plot.width = 860;
  plot.height = 460;
  int colour = 0;
  for (const RunCurve& run : runs) {
    if (run.task != task) continue;
    report::Series series = dream_series(run);
    series.colour = colour++;
    if (!run.fixed_data && !series.x.empty()) plot.series.push_back(std::move(series));
  }
  return plot;
}

}  // namespace

double value_at(std::span<const double> steps, std::span<const double> returns, double at) {
  if (steps.empty() || at < steps.front() || at > steps.back())
    return std::numeric_limits<double>::quiet_NaN();
  const auto above = static_cast<size_t>(std::ranges::lower_bound(steps, at) - steps.begin());
  if (steps[above] == at || above == 0) return returns[above];
  const double part = (at - steps[above - 1]) / (steps[above] - steps[above - 1]);
  return returns[above - 1] + part * (returns[above] - returns[above - 1]);
}

std::vector<report::Plot> comparison_plots(std::span<const RunCurve> runs) {
  std::vector<report::Plot> plots;
  for (const std::string& task : tasks_of(runs)) plots.push_back(task_plot(runs, task, Axis::kSteps));
  return plots;
}

std::vector<report::Plot> wall_clock_plots(std::span<const RunCurve> runs) {
  std::vector<report::Plot> plots;
  for (const std::string& task : tasks_of(runs)) plots.push_back(task_plot(runs, task, Axis::kWallClock));
  return plots;
}

std::vector<report::Plot> dream_plots(std::span<const RunCurve> runs) {
  std::vector<report::Plot> plots;
  for (const std::string& task : tasks_of(runs))
    if (report::Plot plot = dream_plot(runs, task); !plot.series.empty()) plots.push_back(std::move(plot));
  return plots;
}

std::string comparison_text(std::span<const RunCurve> runs) {
  std::string text;
  for (const std::string& task : tasks_of(runs)) {
    if (!text.empty()) text += '\n';
    text += aligned(task_table(runs, task));
  }
  return text;
}

std::string comparison_html(std::span<const RunCurve> runs) {
  report::HtmlPage page("Learning curves");
  page.headline(
      fmt::format("Learning curves of {} run{}", runs.size(), runs.size() == 1 ? "" : "s"),
      "Simulated return over environment steps and wall-clock, beside published curves where there are any");
  for (const std::string& task : tasks_of(runs)) {
    page.section(task);
    page.plot(task_plot(runs, task, Axis::kSteps), "");
    page.plot(task_plot(runs, task, Axis::kWallClock), "");
    if (const report::Plot plot = dream_plot(runs, task); !plot.series.empty()) {
      page.plot(plot,
                "Control steps for which the dream follows physics under the actions of pushed episodes, "
                "measured at every evaluation.");
    }
    page.table(task_table(runs, task));
  }
  page.paragraph(
      "Published: mean over seeds, from state observations, from the result files of TD-MPC2 (Hansen, Su and "
      "Wang, ICLR 2024), which also hold DreamerV3's and SAC's.");
  return page.finish();
}

std::filesystem::path write_comparison(std::span<const RunCurve> runs, const std::filesystem::path& directory,
                                       const base::Stop* stop) {
  std::filesystem::create_directories(directory);
  for (const std::string& task : tasks_of(runs)) {
    std::string name = task;
    std::ranges::replace(name, '/', '-');
    base::check_stop(stop);
    report::write_plot_png(directory / fmt::format("compare-{}.png", name),
                           task_plot(runs, task, Axis::kSteps));
    base::check_stop(stop);
    report::write_plot_png(directory / fmt::format("compare-{}-wall-clock.png", name),
                           task_plot(runs, task, Axis::kWallClock));
    const report::Plot dream = dream_plot(runs, task);
    if (dream.series.empty()) continue;
    base::check_stop(stop);
    report::write_plot_png(directory / fmt::format("compare-{}-dream.png", name), dream);
  }
  std::filesystem::path page = directory / "compare.html";
  base::write_file_atomic(page, comparison_html(runs));
  return page;
}

}  // namespace reverie::evaluation
