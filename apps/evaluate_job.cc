#include "apps/evaluate_job.h"

#include "tensor/device.h"
#include "training/trainer.h"

namespace reverie::apps {

Evaluated evaluate_and_report(const training::Run& run, int episodes, int64_t seed, policies::Think think,
                              const policies::PlannerConfig& planner) {
  tensor::set_learner_threads(static_cast<int>(run.config.learner_threads));
  evaluation::EvaluationOptions options;
  options.episodes = episodes;
  options.seed = training::evaluation_seed(static_cast<uint64_t>(run.config.seed)) ^
                 ((static_cast<uint64_t>(seed) + 1) << 32);
  options.sim_threads = static_cast<int>(run.config.sim_threads);
  options.think = think;
  options.planner = planner;
  Evaluated evaluated{.result = evaluation::evaluate_run(run, options), .files = {}};
  evaluated.files = evaluation::write_report(evaluated.result, run.path);
  return evaluated;
}

}  // namespace reverie::apps
