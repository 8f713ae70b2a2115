#include "evaluation/return_terms.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/statistics.h"

namespace reverie::evaluation {

PairedDream pair_dream(const DecisionLog& log, const ProgramRewards& program,
                       std::span<const contract::StartPoint> starts) {
  PairedDream dream{.log = &log, .program = &program, .paid = {}};
  dream.paid.assign(static_cast<size_t>(log.decisions * log.count), 0.0);
  for (int64_t n = 0; n < log.count; ++n) {
    const contract::StartPoint& start = starts[static_cast<size_t>(n)];
    const int64_t end = std::min(start.episode->length(), start.step + log.length);
    for (int64_t step = start.step; step < end; ++step)
      dream.paid[log.at((step - start.step) / log.control_steps, n)] +=
          static_cast<double>(start.episode->rewards[static_cast<size_t>(step)]);
  }
  return dream;
}

ReturnTerms return_terms(const PairedDream& dream, int64_t n, int64_t decisions, double discount,
                         bool bootstrap) {
  const DecisionLog& log = *dream.log;
  ReturnTerms terms;
  const int64_t end = std::min(decisions, log.decisions);
  double factor = 1.0;
  for (int64_t k = 0; k < end; ++k, factor *= discount) {
    const size_t at = log.at(k, n);
    const double weight = factor * log.weight(k, n);
    const double head = log.rewards[at], answer = dream.program->rewards[at];
    const double task = std::isnan(answer) ? 0.0 : answer;
    terms.imagined += weight * head;
    terms.simulated += factor * dream.paid[at];
    terms.reward_error += weight * (head - task);
    terms.state_drift += weight * task - factor * dream.paid[at];
  }
  if (!bootstrap || end == log.decisions) return terms;
  const double promised = factor * log.alive[log.at(end, n)] * log.values[log.at(end, n)];
  double remainder = 0.0;
  for (int64_t k = end; k < log.decisions; ++k, factor *= discount)
    remainder += factor * dream.paid[log.at(k, n)];
  terms.imagined += promised;
  terms.simulated += remainder;
  terms.bootstrap_error = promised - remainder;
  return terms;
}

double regression_slope(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const double mx = report::mean(x), my = report::mean(y);
  double xx = 0.0, xy = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xx == 0.0 ? std::numeric_limits<double>::quiet_NaN() : xy / xx;
}

}  // namespace reverie::evaluation
