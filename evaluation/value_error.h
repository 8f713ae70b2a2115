// Value error: what a critic expects of imagined states against what physics went on to pay.
// The recorded actions of the policy itself lead the dream, so physics is in the same place and goes on under the same
// policy.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "contract/episode.h"
#include "evaluation/fidelity.h"

namespace reverie::evaluation {

// Discounted rewards from decision k on [D], `discount` a decision of `control_steps`; what follows the record is unknown.
std::vector<double> returns_to_go(const contract::Episode& episode, int control_steps, double discount);

// Starts at one horizon.
struct ValuePairs {
  int64_t horizon = 0;                     // control steps after the start
  std::vector<double> promised, realised;  // [n] value of the imagined state; discounted return in physics
  std::vector<const contract::Episode*> from;  // [n] episode of each
};

// Of the starts whose record goes on for so long that what is unknown has a share of at most `unseen` in a return, or
// whose episode terminated. `rollouts` has values.
ValuePairs value_pairs(const PairedRollouts& rollouts, int64_t decisions, double discount, double unseen);

}  // namespace reverie::evaluation
