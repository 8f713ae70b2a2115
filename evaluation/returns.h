// Returns: what the dream promised and what physics paid, from the same starts.
#pragma once

#include <cstdint>

#include <optional>
#include <span>
#include <vector>

#include "report/statistics.h"
#include "sim/episode.h"
#include "sim/world.h"

namespace reverie {

struct ReturnComparison {
  std::vector<double> simulated;  // [n] return of each episode
  std::vector<double> imagined;  // [n] return of the same policy in the dream, from row 0 of the same episode
  Estimate simulated_return;     // bootstrap 95% intervals over episodes
  Estimate imagined_return;
  Estimate bias;                          // imagined - simulated, paired by start
  double correlation = 0.0;               // Pearson over starts; NaN when returns do not vary
  double rank_correlation = 0.0;          // Spearman
  std::optional<Estimate> random_return;  // the random policy's simulated return from the same starts
};

// Row 0 of every episode.
std::vector<StartPoint> first_rows(std::span<const Episode> episodes);

// Sum of rewards of every episode.
std::vector<double> episode_returns(std::span<const Episode> episodes);

// Compare paired returns; the bootstrap draws from Stream::kEvaluation of `seed`.
ReturnComparison compare_returns(std::vector<double> simulated, std::vector<double> imagined, uint64_t seed);

// Mean return with its interval, drawn like those above.
Estimate return_estimate(std::span<const double> returns, uint64_t seed);

}  // namespace reverie
