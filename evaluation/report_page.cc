// The pictures and the page of evaluation/report.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "evaluation/report.h"
#include "report/html.h"

namespace reverie::evaluation {
namespace {

std::string number_text(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) return "–";
  if (size >= 100.0) return fmt::format("{:.0f}", value);
  if (size >= 10.0) return fmt::format("{:.1f}", value);
  if (size == 0.0) return "0";
  if (size >= 0.01) return fmt::format("{:#.3g}", value);
  const int exponent = static_cast<int>(std::floor(std::log10(size)));
  return fmt::format("{:.1f}e{}", value / std::pow(10.0, exponent), exponent);
}

std::string interval_text(const report::Estimate& estimate) {
  return fmt::format("{} to {}", number_text(estimate.low), number_text(estimate.high));
}

std::string steps_text(const Fidelity& fidelity) {
  return fmt::format("{}{} steps", fidelity.valid_to_the_end ? "≥ " : "", fidelity.valid_horizon_steps);
}

double seconds(const Fidelity& fidelity, int64_t steps) {
  return static_cast<double>(steps) * fidelity.control_dt;
}

report::Series curve_series(const Fidelity& fidelity, const ErrorCurve& curve, const char* name, int colour) {
  report::Series series;
  series.name = name;
  series.x.assign(fidelity.horizon.begin(), fidelity.horizon.end());
  series.y = curve.median;
  series.low = curve.low;
  series.high = curve.high;
  series.colour = colour;
  return series;
}

report::Series plain_series(const Fidelity& fidelity, const std::vector<double>& y, int colour) {
  report::Series series;
  series.x.assign(fidelity.horizon.begin(), fidelity.horizon.end());
  series.y = y;
  series.colour = colour;
  return series;
}

void mark_valid_horizon(const Fidelity& fidelity, report::Plot& plot) {
  plot.horizontal.push_back({fidelity.threshold, fmt::format("{:g} σ", fidelity.threshold), -1});
  if (fidelity.valid_horizon_steps == 0 || fidelity.valid_to_the_end) return;
  plot.vertical.push_back({double(fidelity.valid_horizon_steps),
                           fmt::format("holds for {} steps ({:.2f} s)", fidelity.valid_horizon_steps,
                                       seconds(fidelity, fidelity.valid_horizon_steps)),
                           0});
}

// How long the dream holds, what that means, and why it stops.
std::string horizon_sentence(const Fidelity& f) {
  const size_t next = static_cast<size_t>(f.valid_horizon_steps / f.control_steps) + 1;
  std::string broke;
  if (next >= f.horizon.size()) {
    broke = "The record ends there.";
  } else if (!(f.world.median[next] <= f.threshold)) {
    broke = fmt::format("After {} steps the median error is {}.", f.horizon[next],
                        number_text(f.world.median[next]));
  } else {
    broke =
        fmt::format("After {} steps the median error, {}, is not below persistence's {}.", f.horizon[next],
                    number_text(f.world.median[next]), number_text(f.persistence.median[next]));
  }
  if (f.valid_horizon_steps == 0)
    return "Given the recorded actions, the dream does not hold for a single decision. " + broke;
  return fmt::format(
      "Given the recorded actions, the dream follows physics for {} control steps ({:.2f} s): the median "
      "error stays "
      "within {:g} standard deviations of the held-out data and below persistence (\"nothing changes\"). {}",
      f.valid_horizon_steps, seconds(f, f.valid_horizon_steps), f.threshold, broke);
}

std::string bias_sentence(const ReturnComparison& returns) {
  const report::Estimate& bias = returns.bias;
  if (bias.n < 2) return "One episode cannot tell whether the dream is too hopeful.";
  if (bias.low <= 0.0 && bias.high >= 0.0)
    return fmt::format(
        "Imagined and simulated returns of the same starts differ by {} on average (95% interval {}): "
        "no bias can be told from {} episodes.",
        number_text(bias.mean), interval_text(bias), bias.n);
  return fmt::format(
      "The dream is too {}: over the same {} starts it promises {} {} than physics pays (95% interval "
      "of the difference {}).",
      bias.mean > 0 ? "hopeful" : "gloomy", bias.n, number_text(std::abs(bias.mean)),
      bias.mean > 0 ? "more" : "less", interval_text(bias));
}

std::string random_sentence(const ReturnComparison& returns) {
  if (!returns.random_return) return "";
  return fmt::format(" A random policy scores {} (95% interval {}) in the same task.",
                     number_text(returns.random_return->mean), interval_text(*returns.random_return));
}

// Rows of round horizons that were measured: one decision, then about 10, 25, 50, ... control steps.
std::vector<size_t> table_rows(const Fidelity& f) {
  std::vector<size_t> rows{0, 1};
  for (const int64_t target : {5, 10, 25, 50, 100, 200, 500, 1000}) {
    const auto k = static_cast<size_t>(target / f.control_steps);
    if (k > rows.back() && k < f.horizon.size()) rows.push_back(k);
  }
  if (rows.back() + 1 < f.horizon.size()) rows.push_back(f.horizon.size() - 1);
  std::erase_if(rows, [&](size_t k) { return k >= f.horizon.size(); });
  return rows;
}

std::vector<std::vector<std::string>> horizon_table(const Fidelity& f) {
  std::vector<std::vector<std::string>> table{{"control steps", "seconds", "starts", "dream", "middle half",
                                               "persistence", "chaos floor", "reward error"}};
  for (const size_t k : table_rows(f)) {
    table.push_back({std::to_string(f.horizon[k]), fmt::format("{:.3g}", seconds(f, f.horizon[k])),
                     std::to_string(f.n[k]), number_text(f.world.median[k]),
                     fmt::format("{} to {}", number_text(f.world.low[k]), number_text(f.world.high[k])),
                     number_text(f.persistence.median[k]),
                     f.floor.median.empty() ? "–" : number_text(f.floor.median[k]),
                     number_text(f.reward_error[k])});
  }
  return table;
}

std::vector<std::vector<std::string>> returns_table(const ReturnComparison& returns) {
  std::vector<std::vector<std::string>> table{{"return", "mean", "95% interval", "episodes"}};
  const auto row = [&](const char* name, const report::Estimate& e) {
    table.push_back({name, number_text(e.mean), interval_text(e), std::to_string(e.n)});
  };
  row("simulated", returns.simulated_return);
  row("imagined, same starts", returns.imagined_return);
  row("imagined − simulated", returns.bias);
  if (returns.random_return) row("random policy, simulated", *returns.random_return);
  return table;
}

// Points of one metric; rows without it, or with NaN, are left out.
report::Series metric_series(std::span<const training::MetricRow> metrics, const std::string& key,
                             const char* name, int colour) {
  report::Series series;
  series.name = name;
  series.colour = colour;
  for (const training::MetricRow& row : metrics) {
    const auto value = row.values.find(key);
    if (value == row.values.end() || std::isnan(value->second)) continue;
    series.x.push_back(static_cast<double>(row.step));
    series.y.push_back(value->second);
  }
  return series;
}

}  // namespace

report::Plot horizon_plot(const Fidelity& fidelity) {
  report::Plot plot;
  plot.title = "How far the dream drifts";
  plot.x_label = "horizon (control steps)";
  plot.y_label = "observation error (standard deviations of the held-out data), log scale";
  plot.log_y = true;
  plot.width = 860;
  plot.height = 440;
  plot.series = {curve_series(fidelity, fidelity.world, "dream", 0),
                 curve_series(fidelity, fidelity.persistence, "persistence", 1)};
  if (!fidelity.floor.median.empty())
    plot.series.push_back(
        curve_series(fidelity, fidelity.floor, "chaos floor: the simulator, start moved a hair", 2));
  mark_valid_horizon(fidelity, plot);
  return plot;
}

report::Plot horizon_detail_plot(const Fidelity& fidelity, const std::string& title) {
  report::Plot plot;
  plot.title = title;
  plot.x_label = "horizon (control steps)";
  plot.y_label = "observation error (standard deviations)";
  plot.width = 460;
  plot.height = 360;
  plot.series = {curve_series(fidelity, fidelity.world, "dream", 0),
                 curve_series(fidelity, fidelity.persistence, "persistence", 1)};
  mark_valid_horizon(fidelity, plot);
  return plot;
}

report::Plot reward_plot(const Fidelity& fidelity) {
  report::Plot plot;
  plot.title = "Reward of one decision";
  plot.x_label = "horizon (control steps)";
  plot.y_label = "mean absolute error";
  plot.width = 460;
  plot.height = 320;
  plot.series = {plain_series(fidelity, fidelity.reward_error, 0)};
  return plot;
}

report::Plot reward_drift_plot(const Fidelity& fidelity) {
  report::Plot plot;
  plot.title = "Reward since the start";
  plot.x_label = "horizon (control steps)";
  plot.y_label = "imagined minus recorded, mean over starts";
  plot.width = 460;
  plot.height = 320;
  plot.series = {plain_series(fidelity, fidelity.reward_drift, 0)};
  plot.horizontal.push_back({0.0, "", -1});
  return plot;
}

report::Plot returns_plot(const ReturnComparison& returns) {
  report::Plot plot;
  plot.title = "Promised and paid";
  plot.x_label = "simulated return";
  plot.y_label = "imagined return of the same start";
  plot.width = 460;
  plot.height = 420;
  double low = INFINITY, high = -INFINITY;
  for (const std::vector<double>* values : {&returns.simulated, &returns.imagined}) {
    for (const double v : *values) {
      if (!std::isfinite(v)) continue;
      low = std::min(low, v);
      high = std::max(high, v);
    }
  }
  if (low > high) low = high = 0.0;
  // Equal axes, so that the diagonal means what it seems to; never so narrow that noise looks like structure.
  const double room = std::max({0.08 * (high - low), 0.01 * std::abs(high), 0.5});
  plot.x_range = plot.y_range = report::Range{low - room, high + room};
  report::Series diagonal;
  diagonal.name = "kept promise";
  diagonal.x = diagonal.y = {low - room, high + room};
  diagonal.colour = -1;
  diagonal.dashed = true;
  diagonal.width = 1.5;
  report::Series dots;
  dots.name = "one start";
  dots.x = returns.simulated;
  dots.y = returns.imagined;
  dots.line = false;
  dots.points = true;
  plot.series = {diagonal, dots};
  return plot;
}

report::Plot training_plot(std::span<const training::MetricRow> metrics, const ReturnComparison& returns) {
  report::Plot plot;
  plot.title = "Learning";
  plot.x_label = "environment steps";
  plot.y_label = "return of an episode";
  plot.width = 460;
  plot.height = 420;
  report::Series collected = metric_series(metrics, "train/return", "while exploring", -1);
  collected.width = 1.5;
  report::Series evaluated = metric_series(metrics, "eval/return", "mean actions, simulated", 0);
  evaluated.points = true;
  for (report::Series& series : std::vector{collected, evaluated})
    if (!series.x.empty()) plot.series.push_back(series);
  if (!metrics.empty() && metrics.back().step > 0)
    plot.x_range = report::Range{0.0, double(metrics.back().step)};
  plot.horizontal.push_back({returns.simulated_return.mean, "this evaluation", 0});
  if (returns.random_return) plot.horizontal.push_back({returns.random_return->mean, "random policy", 1});
  return plot;
}

namespace {

void write_verdict(report::HtmlPage& page, const EvaluationResult& result) {
  const ReturnComparison& returns = result.returns;
  const Fidelity& f = result.fidelity;
  page.headline(
      fmt::format(
          "The policy scores {} in simulation. Its dream said {}, and holds for {}{} steps ({:.2f} s).",
          number_text(returns.simulated_return.mean), number_text(returns.imagined_return.mean),
          f.valid_to_the_end ? "at least " : "", f.valid_horizon_steps, seconds(f, f.valid_horizon_steps)),
      fmt::format("{} · checkpoint {} after {} environment steps · {}", result.task, result.checkpoint,
                  result.env_steps, result.run));
  page.figures({{"Simulated return", number_text(returns.simulated_return.mean),
                 fmt::format("95%: {}, {} episodes", interval_text(returns.simulated_return),
                             returns.simulated_return.n)},
                {"Imagined return", number_text(returns.imagined_return.mean),
                 fmt::format("95%: {}, same starts", interval_text(returns.imagined_return))},
                {"The dream holds for", steps_text(f),
                 fmt::format("{:.2f} s, from {} starts", seconds(f, f.valid_horizon_steps), f.starts)},
                {"Random policy", returns.random_return ? number_text(returns.random_return->mean) : "–",
                 returns.random_return ? fmt::format("95%: {}", interval_text(*returns.random_return))
                                       : "not measured"}});
  page.paragraph(horizon_sentence(f));
  page.paragraph(bias_sentence(returns) + random_sentence(returns));
  if (result.options.think != policies::Think::kActor)
    page.paragraph(fmt::format("The policy plans inside the model, {}.", planning_text(result)));
  if (result.diverged > 0)
    page.paragraph(
        fmt::format("{} episodes are left out: their physics became non-finite.", result.diverged));
}

void write_same_actions(report::HtmlPage& page, const EvaluationResult& result) {
  const Fidelity& f = result.fidelity;
  page.section("Given the same actions");
  page.plot(horizon_plot(f),
            "Recorded actions replayed from the middle of held-out episodes in which the policy is pushed "
            "now and then. "
            "Lines are medians over starts, bands the middle half. Above persistence a model knows less than "
            "\"nothing "
            "changes\"; below the chaos floor no model can go.");
  page.plots(
      {horizon_detail_plot(f, "The same on a linear scale"),
       horizon_detail_plot(result.fidelity_on_policy, "Without pushes")},
      "Right: the same from undisturbed episodes. A policy that holds still makes persistence hard to beat.");
  page.table(horizon_table(f));
  page.plots({reward_plot(f), reward_drift_plot(f)},
             "Rewards under the same actions. What adds up on the right is what a planner or a critic would "
             "be misled by.");
}

void write_left_to_itself(report::HtmlPage& page, const ReturnComparison& returns,
                          std::span<const training::MetricRow> metrics) {
  page.section("Left to itself");
  std::vector<report::Plot> plots{returns_plot(returns)};
  if (!metrics.empty()) plots.push_back(training_plot(metrics, returns));
  page.plots(
      plots,
      "Each dot is one start: the policy acts for a whole episode in physics, and again inside the dream.");
  page.table(returns_table(returns));
}

void write_method(report::HtmlPage& page, const EvaluationResult& result) {
  const Fidelity& f = result.fidelity;
  page.section("How it was measured");
  page.paragraph(
      fmt::format("{} fresh episodes of seed {}, apart from all training episodes; one decision is {} "
                  "control steps of {:g} s. "
                  "Error of one start: root mean square over the {} observation dimensions that vary, each "
                  "divided by its "
                  "standard deviation in the held-out episodes. Intervals: percentile bootstrap over "
                  "episodes, 2000 resamples. "
                  "Chaos floor: the simulator restarted with positions and velocities moved by {:g}.",
                  result.returns.simulated_return.n, result.options.seed, f.control_steps, f.control_dt,
                  f.dimensions, result.options.perturbation));
  if (result.probe_error) {
    page.paragraph(fmt::format(
        "A dream is drawn and measured through a probe, as the known start plus the decoded change. "
        "Read back from embeddings of what was seen, without any dream, the probe's own error is "
        "{:.3f} standard deviations (median).",
        *result.probe_error));
  }
}

}  // namespace

std::string report_html(const EvaluationResult& result, std::span<const training::MetricRow> metrics) {
  report::HtmlPage page(result.task + ": imagined against simulated");
  write_verdict(page, result);
  write_same_actions(page, result);
  write_left_to_itself(page, result.returns, metrics);
  write_method(page, result);
  page.details("All numbers (report.json)", report_json(result).dump(2));
  return page.finish();
}

}  // namespace reverie::evaluation
