#include "evaluation/injected_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "evaluation/optimism.h"
#include "evaluation/return_terms.h"
#include "evaluation/returns.h"
#include "evaluation/reward_audit.h"
#include "evaluation/tampered_world.h"

namespace reverie::evaluation {

Section calibration_section();  // evaluation/sections/calibration.cc

namespace {

constexpr double kBias = 0.5;           // of the reward of a decision
constexpr double kNoise = 0.125;        // sd
constexpr int64_t kSequenceSteps = 50;  // control steps
constexpr size_t kTried = 16;           // states that a reward head is made to pay for, until it matters

SelfTestCase judged(std::string name, double value, double expected, double allowed, std::string elsewhere) {
  if (!(std::abs(value - expected) <= allowed))
    elsewhere = fmt::format("found {}, expected {}", value, expected);
  const bool ok = elsewhere.empty();
  return {
      .name = std::move(name), .value = value, .expected = expected, .ok = ok, .fault = std::move(elsewhere)};
}

// The same policy again in `world`, as the context of the self-test measures it.
DecisionLog act_in(contract::World& world, const Context& context, contract::Policy& policy) {
  const contract::EnvSpec& spec = context.subject.task->spec();
  DecisionLog log;
  closed_loop(world, first_rows(context.on_policy.episodes), policy, spec, context.options.seed,
              spec.episode_steps, context.options.stop, {}, &log);
  return log;
}

std::vector<ReturnTerms> terms_of(const DecisionLog& log, const Context& context) {
  const PairedDream dream = pair_dream(log, context.program, first_rows(context.on_policy.episodes));
  std::vector<ReturnTerms> terms;
  for (int64_t n = 0; n < log.count; ++n) terms.push_back(return_terms(dream, n, log.decisions));
  return terms;
}

// Rewards of a world are float32: that much is allowed for.
double rounding(const std::vector<ReturnTerms>& terms) {
  double largest = 1.0;
  for (const ReturnTerms& t : terms) largest = std::max(largest, std::abs(t.simulated));
  return 1e-6 * largest;
}

void add_terms(std::vector<SelfTestCase>& cases, const Context& context, contract::World& world,
               contract::Policy& policy) {
  const std::vector<ReturnTerms> own = terms_of(context.dreamt, context);
  double largest = 0.0, residual = 0.0;
  for (const ReturnTerms& t : own) {
    residual = std::max(residual, std::abs(t.residual()));
    for (const double term : {t.reward_error, t.state_drift, t.bootstrap_error})
      largest = std::max(largest, std::abs(term));
  }
  cases.push_back(judged("return_terms", largest, 0.0, rounding(own),
                         residual <= 1e-9 ? "" : fmt::format("terms leave {} of the difference", residual)));

  TamperedWorld biased(world, [](Answers& answers) {
    if (answers.is_reset) return;
    for (float& reward : answers.rewards) reward += static_cast<float>(kBias);
  });
  const std::vector<ReturnTerms> with_bias = terms_of(act_in(biased, context, policy), context);
  double reward_error = 0.0, elsewhere = 0.0, decisions = 0.0;
  for (size_t n = 0; n < own.size(); ++n) {
    reward_error += with_bias[n].reward_error;
    elsewhere = std::max({elsewhere, std::abs(with_bias[n].state_drift - own[n].state_drift),
                          std::abs(with_bias[n].bootstrap_error), std::abs(with_bias[n].residual())});
    for (int64_t k = 0; k < context.dreamt.decisions; ++k)
      decisions += context.dreamt.weight(k, static_cast<int64_t>(n));
  }
  const auto count = static_cast<double>(own.size());
  cases.push_back(judged(
      "injected_bias_in_terms", reward_error / count, kBias * decisions / count, 1e-5 * kBias * decisions,
      elsewhere <= 1e-9 ? "" : fmt::format("{} of the bias is not in the reward term", elsewhere)));
}

// Pays `pay` for leaving positions that are exactly `state`.
std::function<void(Answers&)> pay_for(std::vector<float> state, double pay) {
  return [state = std::move(state), pay](Answers& answers) {
    if (answers.is_reset) return;
    const auto width = static_cast<std::ptrdiff_t>(state.size());
    for (size_t n = 0; n < answers.rewards.size(); ++n) {
      const auto row = answers.positions.begin() + static_cast<std::ptrdiff_t>(n) * width;
      if (std::equal(state.begin(), state.end(), row)) answers.rewards[n] = static_cast<float>(pay);
    }
  };
}

void add_wrong_state(std::vector<SelfTestCase>& cases, const Context& context, contract::World& world,
                     contract::Policy& policy) {
  const DecisionLog& log = context.dreamt;
  // Not at the start, where all episodes of a task may be alike.
  int64_t rollout = 0, decision = 1;
  for (int64_t k = 1; k < log.decisions; ++k)
    for (int64_t n = 0; n < log.count; ++n)
      if (log.alive[log.at(k, n)] >= 0.5 &&
          context.program.rewards[log.at(k, n)] < context.program.rewards[log.at(decision, rollout)])
        rollout = n, decision = k;
  const double best = best_decision(context.on_policy.episodes, log.control_steps);
  const double least = context.program.rewards[log.at(decision, rollout)];
  if (best > 0.0 && least > kNothing * best) return;  // the task pays well for every state: none is wrong
  const auto row = log.row(log.positions, decision, rollout, log.nq);
  const std::vector<float> wrong(row.begin(), row.end());
  TamperedWorld paying(world, pay_for(wrong, std::max(best, 1.0)));
  const DecisionLog paid = act_in(paying, context, policy);
  int64_t flagged = 0, expected = 0;
  for (const AuditCounts& counts : audit_rewards(paid, context.program, best).rollouts)
    flagged += counts.paid_for_nothing;
  for (int64_t k = 0; k < log.decisions; ++k)
    for (int64_t n = 0; n < log.count; ++n)
      if (std::ranges::equal(log.row(log.positions, k, n, log.nq), wrong)) ++expected;
  cases.push_back(
      judged("injected_wrong_state", static_cast<double>(flagged), static_cast<double>(expected), 0.0, ""));
}

void add_optimism(std::vector<SelfTestCase>& cases, const Context& context, contract::World& world) {
  const contract::EnvSpec& spec = context.subject.task->spec();
  const std::vector<contract::StartPoint> starts = first_rows(context.on_policy.episodes);
  const int64_t decisions = std::min<int64_t>(kSequenceSteps, spec.episode_steps) / world.control_steps();
  std::vector<std::vector<float>> states;  // after the first decision of a sequence
  int steps = 0;                           // since the last reset
  TamperedWorld watched(world, [&](Answers& answers) {
    steps = answers.is_reset ? 0 : steps + 1;
    if (steps == 2 && states.size() < kTried) {
      const auto width = static_cast<std::ptrdiff_t>(spec.nq);
      for (size_t n = 0; n < answers.rewards.size(); ++n) {
        const auto row = answers.positions.begin() + static_cast<std::ptrdiff_t>(n) * width;
        states.emplace_back(row, row + width);
      }
    }
  });
  const auto tried = [&](contract::World& in) {
    return try_sequences(in, starts, spec, decisions, context.options.seed, context.options.stop);
  };
  const Outcomes physics = tried(watched);
  const Optimism own = compare_outcomes(physics, physics);
  if (own.failed == 0) return;
  const double pay = 1.0 + *std::ranges::max_element(physics.returns);
  double promised = 0.0;
  for (size_t i = 0; i < std::min(states.size(), kTried) && promised == 0.0; ++i) {
    TamperedWorld paying(world, pay_for(states[i], pay));
    promised = compare_outcomes(physics, tried(paying)).promised > 0 ? 1.0 : 0.0;
  }
  cases.push_back(judged("injected_optimism", promised, 1.0, 0.0, ""));
}

void add_overconfidence(std::vector<SelfTestCase>& cases, const Context& context) {
  Context noisy = context;
  HeldOut& set = noisy.on_policy;
  const size_t width = set.rollouts.spread.size();
  for (size_t i = 0; i < set.rollouts.world.observations.size(); ++i)
    set.rollouts.world.observations[i] += static_cast<float>((i / width + i) % 2 == 0 ? kNoise : -kNoise) *
                                          static_cast<float>(set.rollouts.spread[i % width]);
  set.fidelity = compare_rollouts(set.rollouts, set.fidelity.control_dt, set.fidelity.threshold);
  const Section calibration = calibration_section();
  const bool is_fault = !calibration.fault(calibration.measure(noisy), noisy).empty();
  cases.push_back(judged("injected_overconfidence", is_fault ? 1.0 : 0.0, 1.0, 0.0, ""));
}

}  // namespace

void add_injected_faults(std::vector<SelfTestCase>& cases, const Context& context, contract::World& world,
                         contract::Policy& policy) {
  add_terms(cases, context, world, policy);
  add_wrong_state(cases, context, world, policy);
  add_optimism(cases, context, world);
  add_overconfidence(cases, context);
}

}  // namespace reverie::evaluation
