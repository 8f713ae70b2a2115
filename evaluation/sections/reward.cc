// Imagined against recorded rewards under the recorded actions: of one decision, and added up.
#include <fmt/format.h>

#include <cmath>

#include "contract/rng.h"
#include "evaluation/context.h"
#include "evaluation/section.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kRewardDraw = 49;                                // step of Stream::kEvaluation
constexpr int64_t kHorizons[] = {2, 5, 10, 25, 50, 100, 200, 500};  // control steps, to whole decisions
constexpr int kResamples = 400;

// Rewards of the decision that ends at each of kHorizons, over the starts whose record reaches it.
void add_rank_correlation(Findings& findings, const std::string& name, const PairedRollouts& rollouts,
                          uint64_t seed) {
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, kRewardDraw);
  int64_t last = 0;
  for (const int64_t horizon : kHorizons) {
    const int64_t k = std::max<int64_t>(1, horizon / rollouts.control_steps);
    if (k > rollouts.truth.decisions || k == last) continue;
    last = k;
    std::vector<double> recorded, imagined;
    for (int64_t n = 0; n < rollouts.truth.count; ++n) {
      if (rollouts.truth.lengths[static_cast<size_t>(n)] < k) continue;
      recorded.push_back(rollouts.truth.reward(k - 1, n));
      imagined.push_back(rollouts.world.reward(k - 1, n));
    }
    std::vector<double> x, y;
    const auto statistic = [&](std::span<const size_t> chosen) {
      x.clear(), y.clear();
      for (const size_t n : chosen) {
        x.push_back(imagined[n]);
        y.push_back(recorded[n]);
      }
      return report::spearman(x, y);
    };
    const report::Estimate estimate = report::bootstrap(
        recorded.size(), statistic, [&rng] { return rng.next_u64(); }, kResamples);
    if (!std::isfinite(estimate.mean)) continue;
    findings.rows.push_back(estimate_row(name, estimate, ""));
    findings.rows.back().horizon = k * rollouts.control_steps;
  }
}

void add_curve(Findings& findings, const std::string& name, const Fidelity& f,
               const std::vector<double>& mean) {
  for (size_t k = 0; k < mean.size(); ++k)
    findings.rows.push_back({name, f.horizon[k], kNone, mean[k], kNone, f.n[k], "reward"});
}

void add_set(Findings& findings, const HeldOut& set, const std::string& prefix, uint64_t seed) {
  if (!set.missing.empty()) {
    findings.missing.push_back(fmt::format("{}reward_error: {}", prefix, set.missing));
    return;
  }
  add_curve(findings, prefix + "reward_error", set.fidelity, set.fidelity.reward_error);
  add_curve(findings, prefix + "reward_drift", set.fidelity, set.fidelity.reward_drift);
  add_rank_correlation(findings, prefix + "reward_rank_correlation", set.rollouts, seed);
}

Findings measure(const Context& context) {
  Findings findings;
  add_set(findings, context.pushed, "", context.options.seed);
  add_set(findings, context.on_policy, "on_policy_", context.options.seed);
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
  for (const Row& row : findings.rows) {
    const double expected = row.name.ends_with("rank_correlation") ? 1.0 : 0.0;
    if (std::abs(row.value - expected) > 1e-12 * expected)
      return fmt::format("{} is {} after {} steps, expected {}", row.name, row.value, row.horizon.value_or(0),
                         expected);
  }
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
