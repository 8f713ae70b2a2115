// Numbers about numbers: means, quantiles, correlations and bootstrap intervals. All functions are pure;
// those that resample take their random bits from the caller, so results repeat from a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace reverie::report {

// Source of uniform 64-bit words, e.g. [&rng] { return rng.next_u64(); }.
using RandomBits = std::function<uint64_t()>;

// NaN for an empty span, here and below wherever the value is not defined.
double mean(std::span<const double> values);
// Sample standard deviation (n - 1); 0 for one value.
double standard_deviation(std::span<const double> values);
// Linear interpolation between order statistics (Hyndman and Fan's type 7, NumPy's default); q in [0, 1].
double quantile(std::span<const double> values, double q);
std::vector<double> quantiles(std::span<const double> values, std::span<const double> qs);
double median(std::span<const double> values);

// A mean with its interval: how every measured number is reported.
struct Estimate {
  double mean = 0.0;
  double low = 0.0, high = 0.0;  // ends of the interval
  int64_t n = 0;                 // independent values behind it
};

// Percentile bootstrap interval of the mean (Efron 1979): `resamples` means of n values drawn with
// replacement. One value gives low = high = mean; none gives NaN.
Estimate bootstrap_mean(std::span<const double> values, const RandomBits& bits, int resamples = 2000,
                        double level = 0.95);

// Mean of a[i] - b[i] with its bootstrap interval over the pairs. Throws std::invalid_argument when sizes
// differ.
Estimate paired_difference(std::span<const double> a, std::span<const double> b, const RandomBits& bits,
                           int resamples = 2000, double level = 0.95);

// Correlation of x and y in [-1, 1]; NaN with fewer than two pairs or when either does not vary.
double pearson(std::span<const double> x, std::span<const double> y);
// Pearson of the ranks; ties share their mean rank.
double spearman(std::span<const double> x, std::span<const double> y);
// Ranks from 1; ties share their mean rank.
std::vector<double> ranks(std::span<const double> values);

}  // namespace reverie::report
