#include "evaluation/sections/fidelity_baselines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "contract/rng.h"
#include "evaluation/error_table.h"
#include "evaluation/horizon_budget.h"
#include "evaluation/simple_models.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kStartsDraw = 4;  // step of Stream::kEvaluation

void add_curve(Findings& findings, const std::string& name, const ErrorTable& errors) {
  const ErrorCurve curve = quartiles(errors);
  for (size_t k = 0; k < curve.median.size(); ++k)
    findings.rows.push_back(
        {name, errors.horizon[k], curve.low[k], curve.median[k], curve.high[k], reach(errors, k), "sd"});
}

// A row where there is a number, otherwise why there is none.
void add_estimate(Findings& findings, const std::string& name, const report::Estimate& estimate,
                  const char* unit, const char* otherwise) {
  if (std::isfinite(estimate.mean)) {
    findings.rows.push_back(estimate_row(name, estimate, unit));
  } else {
    findings.missing.push_back(fmt::format("{}: {}", name, otherwise));
  }
}

report::Estimate times(report::Estimate estimate, double factor) {
  return {estimate.mean * factor, estimate.low * factor, estimate.high * factor, estimate.n};
}

// What physics allows at the dream's one-decision error.
void add_budget(Findings& findings, const Context& context, const HeldOut& set,
                const report::RandomBits& bits) {
  constexpr int64_t kStarts = 64;  // about so many
  base::ThreadPool pool(context.options.sim_threads);
  const HorizonBudget budget = horizon_budget(context.subject.task, pool, set.rollouts, set.episodes,
                                              std::max<int64_t>(set.rollouts.truth.count / kStarts, 1),
                                              context.options.seed, context.options.stop);
  if (!budget.missing.empty()) {
    findings.missing.push_back("horizon_budget: " + budget.missing);
    return;
  }
  const PairedRollouts& noisy = budget.rollouts;
  const ErrorTable errors = observation_errors(noisy, noisy.world, noisy.spread);
  findings.rows.push_back(
      estimate_row("horizon_budget",
                   valid_time(errors, persistence_errors(noisy, noisy.spread), set.fidelity.threshold, bits),
                   "control steps"));
  findings.rows.push_back(
      {"horizon_budget_noise", {}, kNone, budget.noise, kNone, errors.starts, "sd of velocities"});
  add_curve(findings, "horizon_budget_error", errors);
}

}  // namespace

void add_baselines(Findings& findings, const Context& context, const HeldOut& set) {
  constexpr const char* kTooFew = "fewer than three horizons have a median error above 0 and up to 1 sd.";
  const PairedRollouts& rollouts = set.rollouts;
  const ErrorTable persistence = persistence_errors(rollouts, rollouts.spread);
  const ErrorTable dream = observation_errors(rollouts, rollouts.world, rollouts.spread);
  const double threshold = set.fidelity.threshold;
  contract::Rng rng(context.options.seed, 0, contract::Stream::kEvaluation, kStartsDraw);
  const report::RandomBits bits = [&rng] { return rng.next_u64(); };
  const report::Estimate time = valid_time(dream, persistence, threshold, bits);
  findings.rows.push_back(estimate_row("valid_time", time, "control steps"));
  findings.rows.push_back(estimate_row("valid_time_seconds", times(time, set.fidelity.control_dt), "s"));
  add_estimate(findings, "growth_rate", growth_rate(dream, bits), "per control step", kTooFew);
  add_curve(findings, "constant_velocity_error",
            observation_errors(rollouts, constant_velocity(rollouts), rollouts.spread));
  try {
    const ErrorTable linear = observation_errors(
        rollouts, linear_rollouts(rollouts, set.episodes, context.options.stop), rollouts.spread);
    add_curve(findings, "linear_model_error", linear);
    findings.rows.push_back(estimate_row("valid_time_linear_model",
                                         valid_time(linear, persistence, threshold, bits), "control steps"));
  } catch (const base::UserError& error) {
    findings.missing.push_back(fmt::format("linear_model_error: {}.", error.what()));
  }
  add_budget(findings, context, set, bits);
  if (!rollouts.floor) return;
  const ErrorTable floor = observation_errors(rollouts, *rollouts.floor, rollouts.spread);
  findings.rows.push_back(estimate_row("valid_time_chaos_floor",
                                       valid_time(floor, persistence, threshold, bits), "control steps"));
  add_estimate(findings, "valid_time_share", valid_time_share(dream, floor, persistence, threshold, bits), "",
               "the chaos floor itself is not valid for one decision.");
  add_estimate(findings, "growth_rate_chaos_floor", growth_rate(floor, bits), "per control step", kTooFew);
}

std::vector<std::string> baseline_sentences(const Findings& findings) {
  const Row time = find_row(findings, "valid_time"), floor = find_row(findings, "valid_time_chaos_floor"),
            linear = find_row(findings, "valid_time_linear_model"),
            share = find_row(findings, "valid_time_share"), growth = find_row(findings, "growth_rate"),
            budget = find_row(findings, "horizon_budget");
  std::vector<std::string> sentences;
  if (share.n > 0 && linear.n > 0)
    sentences.push_back(fmt::format(
        "The dream's {} steps (95% interval over starts {}) are {} of the chaos floor's {}; a linear model "
        "of observation and action, fitted to the episodes that are not asked (those with an odd number for "
        "those with an even one, and the other way round), reaches {}.",
        time.value, interval_text(time.low, time.high), number_text(share.value), floor.value, linear.value));
  if (budget.n > 0)
    sentences.push_back(fmt::format(
        "The simulator with noise before every decision, so large that after one decision it errs as the "
        "dream does, "
        "holds for {} steps (95% interval {}): so much does physics allow a model with errors of that size.",
        budget.value, interval_text(budget.low, budget.high)));
  if (growth.n > 0)
    sentences.push_back(fmt::format(
        "Up to 1 standard deviation the median error grows by {}% a control step (95% interval {} to {}).",
        number_text(100.0 * std::expm1(growth.value)), number_text(100.0 * std::expm1(growth.low)),
        number_text(100.0 * std::expm1(growth.high))));
  return sentences;
}

}  // namespace reverie::evaluation
