#include "evaluation/curves/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/files.h"
#include "report/html.h"

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

// Head, the runs of `task`, the published curves.
std::vector<std::vector<std::string>> task_table(std::span<const RunCurve> runs, const std::string& task) {
  std::vector<std::string> head{task};
  for (const double budget : kBudgets) head.push_back(report::tick_text(budget, 1e4));
  head.push_back("last");
  std::vector<std::vector<std::string>> table{head};
  for (const RunCurve& run : runs)
    if (run.task == task) table.push_back(table_row(run.name, run.steps, run.returns, run.fixed_data));
  for (const PublishedCurve& curve : published_curves(task))
    table.push_back(table_row(curve.algorithm + ", published", curve.steps, curve.returns));
  return table;
}

// Characters, not bytes: names may hold anything.
size_t characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, size_t width, bool right) {
  std::string result = text;
  result.insert(right ? 0 : text.size(), width - std::min(width, characters(text)), ' ');
  return result;
}

std::string text_table(const std::vector<std::vector<std::string>>& table) {
  std::vector<size_t> widths(table.front().size(), 0);
  for (const auto& row : table)
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], characters(row[c]));
  std::string text;
  for (const auto& row : table) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) line += padded(row[c], widths[c], c > 0) + "  ";
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

report::Plot empty_plot(const std::string& task, const std::string& x_label) {
  report::Plot plot;
  plot.title = task;
  plot.x_label = x_label;
  plot.y_label = "return of an episode";
  plot.width = 860;
  plot.height = 460;
  return plot;
}

// A run has the same colour in both plots of its task.
report::Plot wall_clock_plot(std::span<const RunCurve> runs, const std::string& task) {
  report::Plot plot = empty_plot(task, "wall-clock, s");
  double longest = 1.0;
  int colour = 0;
  for (const RunCurve& run : runs) {
    if (run.task != task) continue;
    if (!run.wall.empty()) longest = std::max(longest, run.wall.back());
    report::Series series;
    series.name = run.name;
    series.x = run.wall;
    series.y = run.returns;
    series.colour = colour++;
    plot.series.push_back(std::move(series));
  }
  for (const PublishedCurve& curve : published_curves(task)) {
    const double value = value_at(curve.steps, curve.returns, kPublishedAt);
    report::Series series;
    series.name = curve.algorithm + ", published, 100k steps";
    series.x = {0.0, longest};
    series.y = {value, value};
    series.colour = colour++;
    series.dashed = true;
    series.width = 1.5;
    if (std::isfinite(value)) plot.series.push_back(std::move(series));
  }
  plot.x_range = report::Range{0.0, longest};
  return plot;
}

report::Plot task_plot(std::span<const RunCurve> runs, const std::string& task) {
  report::Plot plot = empty_plot(task, "environment steps");
  double longest = kPublishedAt;
  int colour = 0;
  for (const RunCurve& run : runs) {
    if (run.task != task) continue;
    if (run.fixed_data) {
      ++colour;
      continue;
    }
    if (!run.steps.empty()) longest = std::max(longest, run.steps.back());
    report::Series series;
    series.name = run.name;
    series.x = run.steps;
    series.y = run.returns;
    series.colour = colour++;
    plot.series.push_back(std::move(series));
  }
  for (const PublishedCurve& curve : published_curves(task)) {
    report::Series series;
    series.name = curve.algorithm + ", published";
    series.colour = colour++;
    series.dashed = true;
    series.points = true;
    series.width = 1.5;
    for (size_t i = 0; i < curve.steps.size() && curve.steps[i] <= longest; ++i) {
      series.x.push_back(curve.steps[i]);
      series.y.push_back(curve.returns[i]);
    }
    plot.series.push_back(std::move(series));
  }
  plot.x_range = report::Range{0.0, longest};
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
  for (const std::string& task : tasks_of(runs)) plots.push_back(task_plot(runs, task));
  return plots;
}

std::vector<report::Plot> wall_clock_plots(std::span<const RunCurve> runs) {
  std::vector<report::Plot> plots;
  for (const std::string& task : tasks_of(runs)) plots.push_back(wall_clock_plot(runs, task));
  return plots;
}

std::string comparison_text(std::span<const RunCurve> runs) {
  std::string text;
  for (const std::string& task : tasks_of(runs)) {
    if (!text.empty()) text += '\n';
    text += text_table(task_table(runs, task));
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
    page.plot(task_plot(runs, task), "");
    page.plot(wall_clock_plot(runs, task), "");
    page.table(task_table(runs, task));
  }
  page.paragraph(
      "Published: mean over seeds, from state observations, from the result files of TD-MPC2 (Hansen, Su and "
      "Wang, ICLR "
      "2024), which also hold DreamerV3's and SAC's.");
  return page.finish();
}

std::filesystem::path write_comparison(std::span<const RunCurve> runs,
                                       const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  for (const std::string& task : tasks_of(runs)) {
    std::string name = task;
    std::ranges::replace(name, '/', '-');
    report::write_plot_png(directory / fmt::format("compare-{}.png", name), task_plot(runs, task));
    report::write_plot_png(directory / fmt::format("compare-{}-wall-clock.png", name),
                           wall_clock_plot(runs, task));
  }
  std::filesystem::path page = directory / "compare.html";
  base::write_file_atomic(page, comparison_html(runs));
  return page;
}

}  // namespace reverie::evaluation
