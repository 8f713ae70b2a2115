#include "evaluation/sections/returns_by_horizon.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "contract/rng.h"
#include "evaluation/return_terms.h"
#include "evaluation/returns.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kTermsDraw = 46;                   // step of Stream::kEvaluation
constexpr int64_t kHorizons[] = {50, 100, 200, 500};  // control steps, to whole decisions
constexpr double kRoundingAllowed = 1e-9;             // of the sum of the terms, and of the return

struct TermRows {
  std::string bias, reward_error, state_drift, bootstrap_error;
};

// The decisions of kHorizons that end before the episode does, each once.
std::vector<int64_t> horizons_of(const DecisionLog& log) {
  std::vector<int64_t> decisions;
  for (const int64_t horizon : kHorizons) {
    const int64_t k = horizon / log.control_steps;
    if (k > 0 && horizon < log.length && (decisions.empty() || decisions.back() != k)) decisions.push_back(k);
  }
  return decisions;
}

std::vector<double> values_of(std::span<const ReturnTerms> terms, double ReturnTerms::*member) {
  std::vector<double> values;
  for (const ReturnTerms& t : terms) values.push_back(t.*member);
  return values;
}

class Rows {
 public:
  Rows(Findings& findings, uint64_t seed)
      : findings_(findings), rng_(seed, 0, contract::Stream::kEvaluation, kTermsDraw) {}

  void add(const std::string& name, int64_t horizon, const report::Estimate& estimate, const char* unit) {
    if (!std::isfinite(estimate.mean)) return;
    findings_.rows.push_back(estimate_row(name, estimate, unit));
    if (horizon > 0) findings_.rows.back().horizon = horizon;
  }

  void add_mean(const std::string& name, int64_t horizon, const std::vector<double>& values) {
    add(name, horizon, report::bootstrap_mean(values, bits()), "return");
  }

  // A statistic of the terms of the drawn starts.
  template <typename Statistic>
  void add_pairs(const std::string& name, int64_t horizon, const std::vector<ReturnTerms>& terms,
                 const Statistic& statistic) {
    std::vector<ReturnTerms> drawn;
    const auto of = [&](std::span<const size_t> chosen) {
      drawn.clear();
      for (const size_t n : chosen) drawn.push_back(terms[n]);
      return static_cast<double>(statistic(std::span<const ReturnTerms>(drawn)));
    };
    add(name, horizon, report::bootstrap(terms.size(), of, bits()), "");
  }

  void add_terms(const TermRows& names, int64_t horizon, const std::vector<ReturnTerms>& terms) {
    std::vector<double> bias;
    bias.reserve(terms.size());
    for (const ReturnTerms& t : terms) bias.push_back(t.imagined - t.simulated);
    add_mean(names.bias, horizon, bias);
    add_mean(names.reward_error, horizon, values_of(terms, &ReturnTerms::reward_error));
    add_mean(names.state_drift, horizon, values_of(terms, &ReturnTerms::state_drift));
    add_mean(names.bootstrap_error, horizon, values_of(terms, &ReturnTerms::bootstrap_error));
  }

  report::RandomBits bits() {
    return [this] { return rng_.next_u64(); };
  }

 private:
  Findings& findings_;
  contract::Rng rng_;
};

double slope_of(std::span<const ReturnTerms> terms) {
  return regression_slope(values_of(terms, &ReturnTerms::simulated),
                          values_of(terms, &ReturnTerms::imagined));
}

double correlation_of(std::span<const ReturnTerms> terms) {
  return report::pearson(values_of(terms, &ReturnTerms::simulated), values_of(terms, &ReturnTerms::imagined));
}

struct AllTerms {
  std::vector<int64_t> decisions;
  std::vector<std::vector<ReturnTerms>> terms;  // [H][N], whole episodes last
  double residual = 0.0;                        // largest |residual| over max(1, |simulated|)
};

AllTerms undiscounted(const PairedDream& dream, const Context& context) {
  const DecisionLog& log = *dream.log;
  AllTerms all{.decisions = horizons_of(log), .terms = {}};
  all.decisions.push_back(log.decisions);
  const std::vector<double> simulated = episode_returns(context.on_policy.episodes);
  for (const int64_t k : all.decisions) {
    std::vector<ReturnTerms> terms;
    for (int64_t n = 0; n < log.count; ++n) {
      terms.push_back(return_terms(dream, n, k));
      ReturnTerms t = terms.back();
      if (k == log.decisions) {
        // The returns that the section compares, which were summed elsewhere.
        t.imagined = context.imagined.returns[static_cast<size_t>(n)];
        t.simulated = simulated[static_cast<size_t>(n)];
      }
      const double off = std::abs(t.residual()) / std::max(1.0, std::abs(t.simulated));
      all.residual = std::isnan(off) ? INFINITY : std::max(all.residual, off);
    }
    all.terms.push_back(std::move(terms));
  }
  return all;
}

// With the critic at the end of a truncated horizon, as far as the record shows what it speaks of.
void add_critic_terms(Rows& rows, Findings& findings, const PairedDream& dream, const Context& context) {
  const DecisionLog& log = *dream.log;
  const double discount = context.subject.discount;
  if (log.values.empty()) return;  // section value says why
  const TermRows names{"critic_return_bias", "critic_reward_error", "critic_state_drift",
                       "critic_bootstrap_error"};
  bool is_any = false;
  for (const int64_t k : horizons_of(log)) {
    if (std::pow(discount, static_cast<double>(log.decisions - k)) > kUnseenShare) continue;
    std::vector<ReturnTerms> terms;
    for (int64_t n = 0; n < log.count; ++n) terms.push_back(return_terms(dream, n, k, discount, true));
    rows.add_terms(names, k * log.control_steps, terms);
    is_any = true;
  }
  if (!is_any)
    findings.missing.push_back(fmt::format(
        "critic_return_bias: with a discount of {:g} a decision, episodes of {} control steps are too short "
        "to tell what a critic should have said.",
        discount, log.length));
}

}  // namespace

void add_returns_by_horizon(Findings& findings, const Context& context) {
  const DecisionLog& log = context.dreamt;
  if (context.program.rewards.empty()) {
    findings.missing.emplace_back("return_state_drift: the dream tells no positions and velocities.");
    return;
  }
  const PairedDream dream = pair_dream(log, context.program, first_rows(context.on_policy.episodes));
  const AllTerms all = undiscounted(dream, context);
  if (!std::isfinite(all.residual)) {
    findings.missing.emplace_back("return_reward_error: rewards of the dream are not finite.");
    return;
  }
  Rows rows(findings, context.options.seed);
  const TermRows names{"return_bias_by_horizon", "return_reward_error", "return_state_drift",
                       "return_bootstrap_error"};
  const std::vector<ReturnTerms>& whole = all.terms.back();
  rows.add_pairs("return_slope", 0, whole, slope_of);
  for (size_t h = 0; h < all.decisions.size(); ++h) {
    const int64_t horizon = std::min(all.decisions[h] * log.control_steps, log.length);
    rows.add_mean("simulated_return_by_horizon", horizon, values_of(all.terms[h], &ReturnTerms::simulated));
    rows.add_mean("imagined_return_by_horizon", horizon, values_of(all.terms[h], &ReturnTerms::imagined));
    rows.add_terms(names, horizon, all.terms[h]);
    rows.add_pairs("return_slope_by_horizon", horizon, all.terms[h], slope_of);
    rows.add_pairs("return_correlation_by_horizon", horizon, all.terms[h], correlation_of);
  }
  add_critic_terms(rows, findings, dream, context);
  if (context.program.unanswered > 0)
    findings.missing.push_back(
        fmt::format("reward of {} of {} imagined states: physics cannot go on from them; they count as paid "
                    "with 0 in the terms.",
                    context.program.unanswered, context.program.asked));
  findings.checks.push_back(
      {"return_terms_add_up", all.residual <= kRoundingAllowed,
       fmt::format("reward error, state drift and bootstrap error leave {:.1e} of the difference of returns, "
                   "expected at most {:g}",
                   all.residual, kRoundingAllowed)});
}

std::vector<std::string> term_sentences(const Findings& findings) {
  const Curve reward = find_curve(findings, "return_reward_error"),
              drift = find_curve(findings, "return_state_drift");
  if (reward.value.empty() || reward.low.empty()) return {};
  return {fmt::format(
      "Of the difference over whole episodes, {} (95% interval {}) is what the reward head pays beyond the "
      "task for the states that it dreams, and {} (95% interval {}) is what the task would pay for these "
      "states beyond those of physics.",
      number_text(reward.value.back()), interval_text(reward.low.back(), reward.high.back()),
      number_text(drift.value.back()), interval_text(drift.low.back(), drift.high.back()))};
}

report::Plot terms_plot(const Findings& findings) {
  const CurveLine lines[] = {{"return_bias_by_horizon", "imagined - simulated", -1},
                             {"return_reward_error", "reward error", 0},
                             {"return_state_drift", "state drift", 1}};
  report::Plot plot = plot_by_horizon(findings, lines, "Where the difference comes from", "return");
  plot.horizontal.push_back({0.0, "", -1});
  return plot;
}

std::string terms_fault(const Findings& findings) {
  for (const Row& row : findings.rows) {
    if (!row.name.starts_with("return_") || row.unit != "return" || !row.horizon) continue;
    const Curve simulated = find_curve(findings, "simulated_return_by_horizon");
    const double allowed = 1e-6 * std::max(1.0, std::abs(simulated.value.back()));
    if (std::abs(row.value) > allowed)
      return fmt::format("{} is {} after {} steps, expected 0", row.name, row.value, row.horizon.value_or(0));
  }
  for (const Check& check : findings.checks)
    if (!check.held) return fmt::format("{}: {}", check.name, check.found);
  return "";
}

}  // namespace reverie::evaluation
