// Evaluates a run and writes its report, for `evaluate` and `demo`.
#pragma once

#include <cstdint>

#include "evaluation/evaluate.h"
#include "evaluation/report.h"
#include "training/run.h"

namespace reverie::apps {

struct Evaluated {
  evaluation::EvaluationResult result;
  evaluation::ReportFiles files;
};

// `episodes` fresh episodes, i.e. of draws that neither training nor the evaluations during training have
// made; `seed` names which. `think`: how much the policy plans.
Evaluated evaluate_and_report(const training::Run& run, int episodes, int64_t seed,
                              policies::Think think = policies::Think::kActor,
                              const policies::PlannerConfig& planner = {});

}  // namespace reverie::apps
