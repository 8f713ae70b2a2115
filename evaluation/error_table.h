// Errors of every start at every horizon, and what follows from their medians.
// Statistics over starts are drawn again from whole starts, never from single errors.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "evaluation/fidelity.h"
#include "report/statistics.h"

namespace reverie::evaluation {

struct ErrorTable {
  std::vector<int64_t> horizon;  // [K+1] control steps
  int64_t starts = 0;            // N
  std::vector<double> values;    // [K+1, N]; NaN where the record of a start does not reach that far

  double at(size_t k, size_t n) const { return values[k * static_cast<size_t>(starts) + n]; }
};

// error_of(k, n) for every horizon k and start n that the record reaches; an error that is not a number is infinite.
ErrorTable error_table(const PairedRollouts& rollouts,
                       const std::function<double(int64_t k, int64_t n)>& error_of);

// Of observations [K+1, N, O] in place of a world's, in units of `spread` [O].
ErrorTable observation_errors(const PairedRollouts& rollouts, const Rollouts& world,
                              std::span<const double> spread);
ErrorTable persistence_errors(const PairedRollouts& rollouts, std::span<const double> spread);

// How many starts reach horizon k.
int64_t reach(const ErrorTable& table, size_t k);

// Median and quartiles over starts, by horizon.
ErrorCurve quartiles(const ErrorTable& table);

// Medians [K+1] over the starts in `chosen`, which may hold one several times.
std::vector<double> medians(const ErrorTable& table, std::span<const size_t> chosen);

// valid_horizon() of medians, with its bootstrap interval over starts.
report::Estimate valid_time(const ErrorTable& errors, const ErrorTable& persistence, double threshold,
                            const report::RandomBits& bits);
// That of `errors` over that of `floor`, both of the same drawn starts; NaN where the floor's is 0.
report::Estimate valid_time_share(const ErrorTable& errors, const ErrorTable& floor,
                                  const ErrorTable& persistence, double threshold,
                                  const report::RandomBits& bits);

// The largest median error that growth is fitted to, in the unit of the errors: beyond it they level off.
inline constexpr double kGrowthUpTo = 1.0;

// How fast errors grow: the slope of a straight line through the logarithm of the median error, a control step, from
// the first decision to the last before the median exceeds kGrowthUpTo; with its bootstrap interval over starts. NaN
// where fewer than three medians are above 0.
report::Estimate growth_rate(const ErrorTable& errors, const report::RandomBits& bits);

}  // namespace reverie::evaluation
