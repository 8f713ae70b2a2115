// Statistics of plain numbers: means, quantiles, correlations and bootstrap intervals.
// Functions that resample take their random bits from the caller, so that results repeat from a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace reverie::report {

// A source of uniform 64-bit words, for instance [&rng] { return rng.next_u64(); }.
using RandomBits = std::function<uint64_t()>;

// The arithmetic mean. This and all other functions return NaN where the value is not defined.
double mean(std::span<const double> values);
// The sample standard deviation, which divides by n - 1; 0 for one value.
double standard_deviation(std::span<const double> values);
// The q-quantile, q in [0, 1], by linear interpolation between sorted values (Hyndman and Fan's type 7, which
// is NumPy's default).
double quantile(std::span<const double> values, double q);
std::vector<double> quantiles(std::span<const double> values, std::span<const double> qs);
double median(std::span<const double> values);

// A mean with its interval. Every measured number is reported as one.
struct Estimate {
  double mean = 0.0;
  double low = 0.0, high = 0.0;  // ends of the interval
  int64_t n = 0;                 // independent values behind it
};

// The mean with its percentile bootstrap interval (Efron 1979): the interval covers the part `level` of
// `resamples` means of n values drawn with replacement. With one value low = high = mean.
Estimate bootstrap_mean(std::span<const double> values, const RandomBits& bits, int resamples = 2000,
                        double level = 0.95);

// Any statistic of n cases with its percentile bootstrap interval: `statistic` is given the indices [n] of cases drawn
// with replacement, for `mean` each case once. For correlations and the like. Draws for which it is NaN (nothing
// varies) are left out of the interval, which is NaN when all are.
Estimate bootstrap(size_t n, const std::function<double(std::span<const size_t>)>& statistic,
                   const RandomBits& bits, int resamples = 2000, double level = 0.95);

// The mean of a[i] - b[i] with its bootstrap interval over the pairs. Throws std::invalid_argument
// when the sizes differ.
Estimate paired_difference(std::span<const double> a, std::span<const double> b, const RandomBits& bits,
                           int resamples = 2000, double level = 0.95);

// The mean of a over the mean of b with its bootstrap interval over the pairs. NaN when empty or where b's mean is 0: draws in
// which it is are left out. Throws std::invalid_argument when the sizes differ.
Estimate ratio_of_means(std::span<const double> a, std::span<const double> b, const RandomBits& bits,
                        int resamples = 2000, double level = 0.95);

// The correlation of x and y in [-1, 1]; NaN with fewer than two pairs or when either does not vary. Throws
// std::invalid_argument when the sizes differ.
double pearson(std::span<const double> x, std::span<const double> y);
// Pearson's correlation of the ranks.
double spearman(std::span<const double> x, std::span<const double> y);
// The rank of each value, from 1; equal values share their mean rank.
std::vector<double> ranks(std::span<const double> values);

}  // namespace reverie::report
