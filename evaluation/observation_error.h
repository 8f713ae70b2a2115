// The distance of two observations in standard deviations.
// Evaluation and viewer measure a dream with this one function, so that their figures can be compared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "contract/episode.h"

namespace reverie::evaluation {

// A dream counts as valid up to this observation error.
inline constexpr double kValidError = 0.3;

// An observation dimension whose standard deviation is smaller does not vary: what is left is rounding.
inline constexpr double kSmallestSpread = 1e-6;

// Standard deviation [O] of every observation dimension over all rows of `episodes`; empty without episodes.
std::vector<double> observation_spread(std::span<const contract::Episode> episodes);

// How many dimensions of `spread` [O] vary.
int64_t varying_dimensions(std::span<const double> spread);

// sqrt(mean over d of ((a_d - b_d) / σ_d)²) for observations `a` and `b` [O] and σ = `spread` [O]. Dimensions
// that do not vary are left out of the mean. An observation that is not finite is infinitely far from every
// other. Throws std::invalid_argument when the sizes differ or when no dimension varies: callers ask
// varying_dimensions() first and tell the user what they found.
double observation_error(std::span<const float> a, std::span<const float> b, std::span<const double> spread);

}  // namespace reverie::evaluation
