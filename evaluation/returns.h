// Compares the returns that the dream promised with those in physics.
#pragma once

#include <cstdint>

#include <optional>
#include <span>
#include <vector>

#include "contract/episode.h"
#include "contract/world.h"
#include "report/statistics.h"

namespace reverie::evaluation {

struct ReturnComparison {
  std::vector<double> simulated;  // [n] return of each episode
  std::vector<double> imagined;  // [n] return of the same policy in the dream, from row 0 of the same episode
  report::Estimate simulated_return;  // bootstrap 95% intervals over episodes
  report::Estimate imagined_return;
  report::Estimate bias;                          // imagined - simulated, paired by start
  double correlation = 0.0;                       // Pearson over starts; NaN when returns do not vary
  double rank_correlation = 0.0;                  // Spearman
  std::optional<report::Estimate> random_return;  // the random policy's simulated return from the same starts
};

// Row 0 of every episode.
std::vector<contract::StartPoint> first_rows(std::span<const contract::Episode> episodes);

// Sum of rewards of every episode.
std::vector<double> episode_returns(std::span<const contract::Episode> episodes);

// Compare paired returns; the bootstrap draws from Stream::kEvaluation of `seed`.
ReturnComparison compare_returns(std::vector<double> simulated, std::vector<double> imagined, uint64_t seed);

// Mean return with its interval, drawn like those above.
report::Estimate return_estimate(std::span<const double> returns, uint64_t seed);

}  // namespace reverie::evaluation
