// Evaluates a run on fresh episodes, for `evaluate` and `demo`.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/stop.h"
#include "evaluation/evaluate.h"
#include "training/run.h"

namespace reverie::apps {

struct EvaluateJob {
  int episodes = 20;  // fresh: of draws that neither training nor the evaluations during training have made
  int64_t seed = 0;   // names which
  policies::Think think = policies::Think::kActor;  // how much the policy plans
  policies::PlannerConfig planner = {};
  int64_t horizon = evaluation::EvaluationOptions{}.horizon;  // control steps of the fidelity curve
  int64_t long_dream = 0;                          // control steps of EvaluationOptions::long_dream
  std::vector<evaluation::Section> sections = {};  // empty: all
  const training::Run* against = nullptr;          // whose policy is the rival of section usefulness
  evaluation::ActingPolicy acting = {};            // who acts in the place of the run's own policy
  std::shared_ptr<const std::vector<contract::Episode>> data = {};  // see EvaluationOptions::data
  bool videos = false;                                              // see EvaluationOptions::videos
  bool quick = false;                                               // few and short rollouts
  bool quiet = false;                                               // without the progress line on stderr
  const base::Stop* stop = nullptr;
};

// Writes nothing. Warns of a run that has learned nothing yet. Throws as evaluation::evaluate, and UserError when the horizon
// is shorter than a decision.
evaluation::EvaluationResult evaluate_job(const training::Run& run, const EvaluateJob& job);

}  // namespace reverie::apps
