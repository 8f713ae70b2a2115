// Scores what a dream says of its own uncertainty by the errors that it makes.
// The uncertainty of a decision has no unit of its own: it is added up since the start and converted into an expected
// error on some of the episodes; the others judge it.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "evaluation/fidelity.h"
#include "report/statistics.h"
#include "report/uncertainty.h"

namespace reverie::evaluation {

// Starts at one horizon, those whose record reaches it.
struct UncertainErrors {
  int64_t horizon = 0;                     // control steps
  std::vector<double> uncertainty, error;  // [n] sum since the start; observation_error() in sd
  std::vector<uint8_t> judges;             // [n] 1: of an episode that judges, 0: of one that converts
};

// Every second episode judges. Starts whose error or uncertainty is not finite are left out.
UncertainErrors uncertain_errors(const PairedRollouts& rollouts, int64_t decisions);

// The share of all decisions of all starts in which the dream says an uncertainty above 0.
double stated_share(const PairedRollouts& rollouts);

// Means with bootstrap 95% intervals over starts; NaN where it is not defined. All but the first are of the judges.
struct UncertaintyScores {
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  static constexpr report::Estimate kUnknown{.mean = kNan, .low = kNan, .high = kNan, .n = 0};
  report::Estimate rank_correlation = kUnknown;  // Spearman's, of uncertainty and error, over all starts
  report::Estimate spread_skill =
      kUnknown;  // root mean square of the expected error over that of the error; 1 is right
  report::Estimate calibration =
      kUnknown;  // expected calibration error of "the error will be above kValidError"
  // 1 - CRPS / CRPS of all converting errors alike, where the forecast is the errors of the fifth of the converting starts
  // that is nearest in uncertainty. Above 0: it tells something; 1: it tells all.
  report::Estimate crps_skill = kUnknown;
  report::Estimate missed = kUnknown;  // report::Sparsification::missed
};
UncertaintyScores score_uncertainty(const UncertainErrors& errors, uint64_t seed);

// What the judges' uncertainties mean in sd, by those that convert: expected and met error [m] of each judge.
struct ExpectedErrors {
  std::vector<double> expected, met;
};
ExpectedErrors expected_errors(const UncertainErrors& errors);

// The probability that the uncertainty of a start of `strange` is above that of one of `known`, both added up for the same
// time. n is the number of both.
report::Estimate tell_apart(const UncertainErrors& strange, const UncertainErrors& known, uint64_t seed);

}  // namespace reverie::evaluation
