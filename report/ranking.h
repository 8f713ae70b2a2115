// Agreement of two rankings: does a dream order policies as physics does?
// Spearman's correlation stands with Pearson's in report/statistics.h.
#pragma once

#include <span>

namespace reverie::report {

// Kendall's tau-b, in [-1, 1]: pairs in the same order less pairs in opposite order, over the geometric mean of the
// pairs that are not tied in x and those that are not tied in y. NaN with fewer than two pairs or when either does not
// vary. Throws std::invalid_argument when the sizes differ.
double kendall(std::span<const double> x, std::span<const double> y);

// Mean maximum rank violation (Li et al., SIMPLER, 2024), in the unit of `truth`: for each i the largest
// |truth_i - truth_j| over all j that `predicted` orders differently, averaged over i. 0: no pair is ordered wrongly. It
// is not symmetric: `truth` comes first and gives the size of a violation, of `predicted` only the order counts. A tie
// against a strict order counts as different in one of the two directions of comparison, as in the original. NaN when
// empty. Throws std::invalid_argument when the sizes differ.
double mean_maximum_rank_violation(std::span<const double> truth, std::span<const double> predicted);

// What is lost by taking the best by `predicted` for the best by `truth`: max(truth) - truth[argmax predicted], the first
// of equals. NaN when empty. Throws std::invalid_argument when the sizes differ.
double regret_at_one(std::span<const double> truth, std::span<const double> predicted);

}  // namespace reverie::report
