// Scores of predictions that say how sure they are.
// Probabilities, ensembles and scores are held against what came true.
#pragma once

#include <cstdint>
#include <span>

#include "report/statistics.h"

namespace reverie::report {

// Continuous ranked probability score of one outcome under an ensemble that is taken as an empirical distribution:
// mean |x_i - y| - 1/2 mean |x_i - x_j| over all pairs, i = j among them. 0 is perfect; |x - y| of a single member. In
// the unit of the values. NaN for an empty ensemble.
double crps(std::span<const double> ensemble, double outcome);

// Expected calibration error in [0, 1]: outcomes (0 or 1) are put into `bins` equally wide bins by their probability,
// and the differences of mean probability and share that came true are averaged by the number of outcomes. A
// probability on the border of two bins belongs to the upper one, 1 to the last. NaN when empty. Throws
// std::invalid_argument when the sizes differ, bins < 1 or a probability lies outside [0, 1].
double expected_calibration_error(std::span<const double> probabilities, std::span<const uint8_t> outcomes,
                                  int bins = 10);

// A share, hits / n, with Agresti and Coull's 95% interval (1998), which adds two hits and two misses. NaN for an empty
// sample. Throws std::invalid_argument unless 0 <= hits <= n.
Estimate share_of(int64_t hits, int64_t n);

// The difference of two shares, hits_a / n_a - hits_b / n_b, with Agresti and Caffo's 95% interval (2000), which adds
// one hit and one miss to either sample. Estimate::n is n_a + n_b. NaN where a sample is empty. Throws
// std::invalid_argument unless 0 <= hits <= n.
Estimate difference_of_shares(int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b);

// Area under the ROC curve in [0, 1]: the probability that the score of a positive case lies above that of a negative
// one; equals count half. NaN unless there are both. Throws std::invalid_argument when the sizes differ.
double auroc(std::span<const double> scores, std::span<const uint8_t> positive);

}  // namespace reverie::report
