// The few numbers that an evaluation's headline tells.
#pragma once

#include <cstdint>
#include <string>

#include "evaluation/evaluate.h"

namespace reverie::evaluation {

// Where a section was not measured, its rows have no value.
struct Verdict {
  Row simulated, imagined;        // mean returns
  Row random;                     // mean return of the random policy
  int64_t valid_steps = 0;        // control steps for which the dream holds, from `starts` starts
  double valid_seconds = 0.0;     // the same in seconds
  bool valid_to_the_end = false;  // it still held at the last horizon measured
  std::string no_horizon;         // why nothing is known of the three above; empty when it is
  int64_t starts = 0;
  Row planned_share, milliseconds;  // of a policy that plans; n is the number of decisions
};

Verdict verdict_of(const EvaluationResult& result);

}  // namespace reverie::evaluation
