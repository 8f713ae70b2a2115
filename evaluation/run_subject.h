// Makes the subject of an evaluation from a run: its dream, and the policy that acts.
#pragma once

#include <memory>

#include "evaluation/evaluate.h"
#include "policies/planner_policy.h"

namespace reverie::evaluation {

// What a Subject points to.
struct RunSubject {
  std::unique_ptr<contract::World> dream;
  std::unique_ptr<policies::PlannerPolicy> planner;  // null: nothing is planned
  std::unique_ptr<contract::Policy> actor, rival;
  Subject subject;
};

// The run's actor or planner; or who `acting` names, from observations; `against` is the rival. Throws UserError when tasks
// or decisions differ, or when who acts instead should plan. `run` and the others must outlive it.
RunSubject make_run_subject(const training::Run& run, policies::Think think,
                            const policies::PlannerConfig& planner, const ActingPolicy& acting,
                            const training::Run* against = nullptr);

// Throws UserError naming both when the policy of `other`, which was given as `word`, cannot act where that of `run` does.
void check_same_task(const training::Run& run, const char* word, const training::Run& other);

}  // namespace reverie::evaluation
