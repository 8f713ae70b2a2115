// Observation error by horizon under the recorded actions.
// It lies between persistence (nothing changes) above and the chaos floor (the simulator itself, its start
// moved a little) below.
#include <fmt/format.h>

#include "evaluation/context.h"
#include "evaluation/section.h"
#include "evaluation/sections/fidelity_baselines.h"
#include "evaluation/text.h"
#include "evaluation/training_series.h"

namespace reverie::evaluation {
namespace {

const std::string kOnPolicy = "on_policy_";  // prefix of the rows from undisturbed episodes

void add_curve(Findings& findings, const std::string& name, const Fidelity& f, const ErrorCurve& curve) {
  for (size_t k = 0; k < curve.median.size(); ++k)
    findings.rows.push_back({name, f.horizon[k], curve.low[k], curve.median[k], curve.high[k], f.n[k], "sd"});
}

Findings measure(const HeldOut& set, const std::string& prefix) {
  if (!set.missing.empty()) return {.rows = {}, .points = {}, .checks = {}, .missing = {set.missing}};
  const Fidelity& f = set.fidelity;
  Findings findings;
  const auto add = [&](const char* name, double value, const char* unit) {
    findings.rows.push_back({prefix + name, {}, kNone, value, kNone, f.starts, unit});
  };
  add("valid_horizon", static_cast<double>(f.valid_horizon_steps), "control steps");
  add("varying_dimensions", static_cast<double>(f.dimensions), "dimensions");
  add_curve(findings, prefix + "imagined_error", f, f.world);
  add_curve(findings, prefix + "persistence_error", f, f.persistence);
  add_curve(findings, prefix + "chaos_floor_error", f, f.floor);
  return findings;
}

Findings measure_pushed(const Context& context) {
  Findings findings = measure(context.pushed, "");
  if (context.pushed.missing.empty()) add_baselines(findings, context, context.pushed);
  return findings;
}

std::string seconds_text(double steps, const EvaluationResult& about) {
  return fmt::format("{:.2f} s", steps * about.control_dt);
}

// How long the dream holds, what that means, and why it stops.
std::string horizon_sentence(const Findings& findings, const std::string& prefix,
                             const EvaluationResult& about) {
  const double valid = find_row(findings, prefix + "valid_horizon").value;
  const Curve dream = find_curve(findings, prefix + "imagined_error");
  const Curve persistence = find_curve(findings, prefix + "persistence_error");
  size_t next = 1;
  while (next < dream.horizon.size() && dream.horizon[next] <= valid) ++next;
  std::string broke = "The record ends there.";
  if (next < dream.horizon.size()) {
    broke = fmt::format("After {} steps the median error is {}", dream.horizon[next],
                        number_text(dream.value[next]));
    if (dream.value[next] <= kValidError)
      broke += fmt::format(", which is not below persistence's {}", number_text(persistence.value[next]));
    broke += ".";
  }
  if (valid == 0.0) {
    const bool at_rest = next < dream.horizon.size() && dream.value[next] <= kValidError;
    return fmt::format("Given the recorded actions, the dream does not hold for a single decision{}. {}",
                       at_rest ? ": physics moves less than the dream errs, however little that is" : "",
                       broke);
  }
  return fmt::format(
      "Given the recorded actions, the dream follows physics for {} control steps ({}): the median error "
      "stays within {:g} standard deviations of the held-out data and below persistence (\"nothing "
      "changes\"). {}",
      valid, seconds_text(valid, about), kValidError, broke);
}

std::string method_sentence(const Findings& findings, const std::string& prefix,
                            const EvaluationResult& about) {
  const Row dimensions = find_row(findings, prefix + "varying_dimensions");
  return fmt::format(
      "The error of one of {} starts is the root mean square over the {} observation dimensions that vary, "
      "each divided by its standard deviation in the recorded episodes. The chaos floor is the simulator, "
      "restarted with positions and velocities moved by {:g}.",
      dimensions.n, dimensions.value, about.options.perturbation);
}

report::Plot error_plot(const Findings& findings, const std::string& prefix, bool with_floor,
                        const EvaluationResult& about) {
  std::vector<CurveLine> lines{{prefix + "imagined_error", "dream", 0},
                               {prefix + "persistence_error", "persistence", 1}};
  if (with_floor) {
    lines.push_back({prefix + "chaos_floor_error", "chaos floor: the simulator, start moved", 2});
    lines.push_back({prefix + "linear_model_error", "linear model", 3});
    lines.push_back({prefix + "constant_velocity_error", "constant velocity", 4});
    lines.push_back({prefix + "horizon_budget_error", "the simulator with the dream's error a decision", 5});
  }
  report::Plot plot = plot_by_horizon(findings, lines, "", "observation error (standard deviations)");
  plot.horizontal.push_back({kValidError, fmt::format("{:g} σ", kValidError), -1});
  const double valid = find_row(findings, prefix + "valid_horizon").value;
  if (valid > 0.0 && valid != plot.series.front().x.back())
    plot.vertical.push_back(
        {valid, fmt::format("holds for {} steps ({})", valid, seconds_text(valid, about)), 0});
  return plot;
}

// How long the dream held at the evaluations of the training; empty where that was not measured.
FigureRow training_figure(const EvaluationResult& about) {
  report::Series series = metric_series(about.training, "dream/valid_steps", "", 0);
  if (series.x.empty()) return {};
  series.points = true;
  report::Plot plot;
  plot.title = "While it learned";
  plot.x_label = "environment steps";
  plot.y_label = "the dream holds (control steps)";
  plot.width = 460;
  plot.height = 340;
  if (series.x.back() > 0.0) plot.x_range = report::Range{0.0, series.x.back()};
  plot.series = {std::move(series)};
  return {{{"", std::move(plot)}},
          "Measured at every evaluation of the training, on pushed episodes of the policy of that time."};
}

Drawing draw_pushed(const Findings& findings, const EvaluationResult& about) {
  Drawing drawing;
  drawing.sentences = {horizon_sentence(findings, "", about), method_sentence(findings, "", about)};
  for (std::string& sentence : baseline_sentences(findings)) drawing.sentences.push_back(std::move(sentence));
  report::Plot wide = error_plot(findings, "", true, about);
  wide.title = "How far the dream drifts";
  wide.y_label = "observation error (standard deviations of the held-out data), log scale";
  wide.log_y = true;
  wide.width = 860;
  wide.height = 440;
  drawing.figures.push_back(
      {{{"horizon.png", wide}},
       "Recorded actions replayed from the middle of held-out episodes in which the policy is pushed now and "
       "then. Lines are medians over starts, bands the middle half. Above persistence a model knows less "
       "than \"nothing changes\"; below the chaos floor no model can go."});
  report::Plot linear = error_plot(findings, "", false, about);
  linear.title = "The same on a linear scale";
  drawing.figures.push_back({{{"", linear}}, ""});
  if (FigureRow training = training_figure(about); !training.figures.empty())
    drawing.figures.push_back(std::move(training));
  return drawing;
}

Drawing draw_on_policy(const Findings& findings, const EvaluationResult& about) {
  Drawing drawing;
  drawing.sentences = {horizon_sentence(findings, kOnPolicy, about)};
  report::Plot plot = error_plot(findings, kOnPolicy, false, about);
  plot.title = "Without pushes";
  drawing.figures.push_back(
      {{{"", plot}},
       "The same from undisturbed episodes. A policy that holds still makes persistence hard to beat."});
  return drawing;
}

std::string fault(const Findings& findings, const std::string& name) {
  const Curve dream = find_curve(findings, name);
  for (size_t k = 0; k < dream.value.size(); ++k) {
    const double worst = std::max(dream.value[k], dream.high[k]);
    if (worst != 0.0)
      return fmt::format("{} is {} sd after {} steps, expected 0", name, worst, dream.horizon[k]);
  }
  return "";
}

}  // namespace

Section fidelity_section() {
  return {.name = "fidelity",
          .title = "Given the same actions",
          .measure = measure_pushed,
          .draw = draw_pushed,
          .fault = [](const Findings& findings, const Context&) { return fault(findings, "imagined_error"); },
          .needs = {.pushed = true},
          .weight = 4.0};
}

Section fidelity_on_policy_section() {
  return {.name = "fidelity_on_policy",
          .title = "Given the same actions, without pushes",
          .measure = [](const Context& context) { return measure(context.on_policy, kOnPolicy); },
          .draw = draw_on_policy,
          .fault = [](const Findings& findings,
                      const Context&) { return fault(findings, kOnPolicy + "imagined_error"); },
          .needs = {.on_policy = true},
          .weight = 0.1};
}

}  // namespace reverie::evaluation
