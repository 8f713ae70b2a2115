// Context: what the sections of one evaluation share, measured once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "contract/divergence.h"
#include "contract/episode.h"
#include "evaluation/closed_loop.h"
#include "evaluation/evaluate.h"
#include "evaluation/fidelity.h"
#include "evaluation/progress.h"
#include "evaluation/reward_program.h"

namespace reverie::evaluation {

// Recorded episodes, and what the dream says when it is given their actions.
struct HeldOut {
  std::vector<contract::Episode> episodes;  // without those whose physics diverged
  PairedRollouts rollouts;                  // from starts in `episodes`
  Fidelity fidelity;                        // of these rollouts
  std::string missing;                      // why there are no rollouts; empty when there are
};

struct Context {
  const Subject& subject;  // sections may reset and step its dream
  EvaluationOptions options;
  HeldOut pushed;           // the policy is pushed now and then: the headline
  HeldOut on_policy;        // undisturbed; a policy that holds still makes persistence hard to beat
  Visits imagined;          // the policy in the dream, from row 0 of each on_policy episode
  DecisionLog dreamt = {};  // the same, decision by decision
  ProgramRewards program =
      {};  // what the task's own reward program says of `dreamt`; empty when it tells no positions
  std::optional<std::vector<double>> random_returns;  // [n] of the random policy in simulation
  contract::Divergence divergence = {};  // of all recorded episodes; those that diverged are left out
  Progress progress = {};                // of the section that is being measured; see evaluation/progress.h
};

// Lets the policy act in the dream from row 0 of every on_policy episode: fills imagined, dreamt and program.
void measure_dream_of(Context& context, contract::World& dream, contract::Policy& policy,
                      base::ThreadPool& pool);

// Throws UserError when every episode of a set diverged, or no imagined return is finite. What is not among `needs` stays
// empty, and its `missing` says so.
Context measure_context(const Subject& subject, const EvaluationOptions& options, base::ThreadPool& pool,
                        const Needs& needs = kNeedsAll, const Progress& progress = {});

// Of what measure_context makes, for the progress line; see Section::weight.
double context_weight(const Needs& needs);

}  // namespace reverie::evaluation
