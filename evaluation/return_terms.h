// Return terms: where the difference of an imagined and a simulated return comes from.
//
//   imagined - simulated = reward error + state drift + bootstrap error
//
// With the dream's states s^ and actions a^, the weight w of a decision (the probability that the dream still goes on), the
// head's reward r^, the task's own reward r, and a discount d per decision:
//   reward error     sum of d^k w (r^ - r(s^, a^)): what the head says of the states that it dreams, against the task
//   state drift      sum of d^k (w r(s^, a^) - r(s, a)): what the task pays for the dream's states, less what it paid in
//                    physics for as long as its episode went on
//   bootstrap error  at the end of a truncated horizon of K decisions, d^K w V less the discounted rewards that physics
//                    paid from there on; 0 without a critic, and for whole episodes
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "contract/world.h"
#include "evaluation/decision_log.h"
#include "evaluation/reward_program.h"

namespace reverie::evaluation {

struct ReturnTerms {
  double imagined = 0.0, simulated = 0.0;
  double reward_error = 0.0, state_drift = 0.0, bootstrap_error = 0.0;

  // What the terms leave unexplained: rounding.
  double residual() const { return imagined - simulated - reward_error - state_drift - bootstrap_error; }
};

// A dream with physics beside it, start by start.
struct PairedDream {
  const DecisionLog* log = nullptr;
  const ProgramRewards* program = nullptr;
  std::vector<double> paid;  // [K, N] recorded rewards of each decision; 0 after an episode's end
};

// The recorded rewards of `starts`, decision by decision as in `log`. What is pointed to must outlive the result.
PairedDream pair_dream(const DecisionLog& log, const ProgramRewards& program,
                       std::span<const contract::StartPoint> starts);

// The terms of rollout n over the first `decisions`, at most all. A decision that the program cannot judge counts as one that
// it pays nothing for. `bootstrap`: the log's values take over at the end when decisions are left, and physics' remainder
// stands against them.
ReturnTerms return_terms(const PairedDream& dream, int64_t n, int64_t decisions, double discount = 1.0,
                         bool bootstrap = false);

// Slope of the regression line of y on x; NaN when x does not vary or there are fewer than two pairs.
double regression_slope(std::span<const double> x, std::span<const double> y);

}  // namespace reverie::evaluation
