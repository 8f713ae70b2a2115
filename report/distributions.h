// Distances of two samples of numbers: how differently are they distributed?
// A dream is compared with physics by what a policy meets in either, not state by state.
#pragma once

#include <cstdint>
#include <span>

namespace reverie::report {

// Infinities are numbers like others here. A NaN or an empty sample makes every result NaN.

// The two-sample Kolmogorov–Smirnov distance: the largest difference of the two empirical distribution functions, in
// [0, 1].
double ks_distance(std::span<const double> a, std::span<const double> b);

// The probability of a distance of at least `distance` between samples of `n` and `m` independent values of one
// continuous distribution, two-sided. Exact while n m <= 1e6, by counting lattice paths (Hodges 1958); beyond that
// Kolmogorov's limit with Stephens' correction of 1970 for finite samples. Ties make it too large, never too small.
double ks_p_value(double distance, int64_t n, int64_t m);

// The Wasserstein-1 distance: the area between the two empirical distribution functions, in the unit of the values.
double wasserstein_distance(std::span<const double> a, std::span<const double> b);

}  // namespace reverie::report
