#include "apps/evaluate_job.h"

#include <spdlog/spdlog.h>

#include "apps/settings.h"
#include "tensor/device.h"
#include "training/trainer.h"

namespace reverie::apps {

evaluation::EvaluationResult evaluate_job(const training::Run& run, const EvaluateJob& job) {
  if (run.updates == 0) {
    spdlog::warn("{}: checkpoint {} has no update behind it: model and policy are as they were drawn",
                 shown(run.path), run.checkpoint);
  }
  tensor::set_learner_threads(static_cast<int>(run.config.learner_threads));
  evaluation::EvaluationOptions options;
  options.episodes = job.episodes;
  options.seed = training::evaluation_seed(static_cast<uint64_t>(run.config.seed)) ^
                 ((static_cast<uint64_t>(job.seed) + 1) << 32);
  options.sim_threads = static_cast<int>(run.config.sim_threads);
  options.think = job.think;
  options.planner = job.planner;
  options.stop = job.stop;
  evaluation::EvaluationResult result = evaluation::evaluate_run(run, options);
  if (result.divergence.is_frequent()) spdlog::warn("{}", contract::divergence_text(result.divergence));
  return result;
}

}  // namespace reverie::apps
