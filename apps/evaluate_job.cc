#include "apps/evaluate_job.h"

#include "policies/device.h"
#include "training/trainer.h"

namespace reverie::apps {

Evaluated evaluate_and_report(const Run& run, int episodes, int64_t seed, Think think,
                              const PlannerConfig& planner) {
  set_learner_threads(static_cast<int>(run.config.learner_threads));
  EvaluationOptions options;
  options.episodes = episodes;
  options.seed =
      evaluation_seed(static_cast<uint64_t>(run.config.seed)) ^ ((static_cast<uint64_t>(seed) + 1) << 32);
  options.sim_threads = static_cast<int>(run.config.sim_threads);
  options.think = think;
  options.planner = planner;
  Evaluated evaluated{.result = evaluate_run(run, options), .files = {}};
  evaluated.files = write_report(evaluated.result, run.path);
  return evaluated;
}

}  // namespace reverie::apps
