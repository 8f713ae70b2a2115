#include "evaluation/continuation_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reverie::evaluation {

ContinuationPairs continuation_pairs(const PairedRollouts& rollouts) {
  ContinuationPairs pairs;
  for (int64_t n = 0; n < rollouts.world.count; ++n) {
    const contract::StartPoint& start = rollouts.starts[static_cast<size_t>(n)];
    const contract::Episode& episode = *start.episode;
    for (int64_t k = 0; k < rollouts.world.decisions; ++k) {
      const int64_t end = start.step + (k + 1) * rollouts.control_steps;
      const bool is_last = end >= episode.length();
      if (end - rollouts.control_steps >= episode.length()) break;
      // The time limit within a decision: nobody knows what the rest of it would have brought.
      if (end > episode.length() && !episode.terminated) break;
      const double said = rollouts.world.continuation[static_cast<size_t>(k * rollouts.world.count + n)];
      pairs.goes_on.push_back(std::isnan(said) ? 0.0 : std::clamp(said, 0.0, 1.0));
      pairs.went_on.push_back(is_last && episode.terminated ? 0 : 1);
    }
  }
  return pairs;
}

double brier_score(const ContinuationPairs& pairs) {
  if (pairs.goes_on.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0.0;
  for (size_t i = 0; i < pairs.goes_on.size(); ++i) {
    const double off = pairs.goes_on[i] - static_cast<double>(pairs.went_on[i]);
    sum += off * off;
  }
  return sum / static_cast<double>(pairs.goes_on.size());
}

}  // namespace reverie::evaluation
