// Imagined against recorded rewards under the recorded actions: of one decision, and added up.
#include <fmt/format.h>

#include <cmath>

#include "evaluation/context.h"
#include "evaluation/section.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

void add_curve(Findings& findings, const std::string& name, const Fidelity& f,
               const std::vector<double>& mean) {
  for (size_t k = 0; k < mean.size(); ++k)
    findings.rows.push_back({name, f.horizon[k], kNone, mean[k], kNone, f.n[k], "reward"});
}

void add_set(Findings& findings, const HeldOut& set, const std::string& prefix) {
  if (!set.missing.empty()) {
    findings.missing.push_back(fmt::format("{}reward_error: {}", prefix, set.missing));
    return;
  }
  add_curve(findings, prefix + "reward_error", set.fidelity, set.fidelity.reward_error);
  add_curve(findings, prefix + "reward_drift", set.fidelity, set.fidelity.reward_drift);
}

Findings measure(const Context& context) {
  Findings findings;
  add_set(findings, context.pushed, "");
  add_set(findings, context.on_policy, "on_policy_");
  return findings;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  Drawing drawing;
  const Curve drift = find_curve(findings, "reward_drift");
  if (!drift.value.empty()) {
    drawing.sentences.push_back(
        fmt::format("After {} control steps of the same actions, the imagined rewards add up to {} {} than "
                    "the recorded ones.",
                    drift.horizon.back(), number_text(std::abs(drift.value.back())),
                    drift.value.back() >= 0.0 ? "more" : "less"));
  }
  const CurveLine error_line[] = {{"reward_error", "", 0}}, drift_line[] = {{"reward_drift", "", 0}};
  report::Plot sum = plot_by_horizon(findings, drift_line, "Reward since the start",
                                     "imagined minus recorded, mean over starts");
  sum.horizontal.push_back({0.0, "", -1});
  drawing.figures.push_back({{{"reward.png", plot_by_horizon(findings, error_line, "Reward of one decision",
                                                             "mean absolute error")},
                              {"", sum}},
                             "Rewards under the same actions. A planner or a critic would be misled by what "
                             "adds up on the right."});
  return drawing;
}

std::string fault(const Findings& findings, const Context&) {
  for (const Row& row : findings.rows)
    if (row.value != 0.0)
      return fmt::format("{} is {} after {} steps, expected 0", row.name, row.value, *row.horizon);
  return "";
}

}  // namespace

Section reward_section() {
  return {.name = "reward",
          .title = "Rewards under the same actions",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.pushed = true, .on_policy = true},
          .weight = 0.1};
}

}  // namespace reverie::evaluation
