// Continuation error: does a dream know when an episode ends?
#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/fidelity.h"

namespace reverie::evaluation {

// Every decision of every start up to the end of its record.
struct ContinuationPairs {
  std::vector<double>
      goes_on;  // [n] probability that the dream says, within [0, 1]; 0 for what is not a number
  std::vector<uint8_t> went_on;  // [n] 1 unless the task terminated within the decision
};
ContinuationPairs continuation_pairs(const PairedRollouts& rollouts);

// Mean squared difference of probability and outcome (Brier 1950); NaN when empty.
double brier_score(const ContinuationPairs& pairs);

}  // namespace reverie::evaluation
