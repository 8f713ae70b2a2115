#include "apps/evaluate_job.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "apps/settings.h"
#include "base/error.h"
#include "report/stage_progress.h"
#include "tensor/device.h"

namespace reverie::apps {
namespace {

// Of a quick evaluation.
constexpr int kQuickEpisodes = 5;
constexpr int64_t kQuickStarts = 64;
constexpr int64_t kQuickHorizon = 100;  // control steps

}  // namespace

evaluation::EvaluationResult evaluate_job(const training::Run& run, const EvaluateJob& job) {
  const int decision = run.agent->action_repeat();
  if (!job.quick && job.horizon < decision) {
    base::throw_user_error("--horizon {}: expected at least {}, the control steps of a decision of {}",
                           job.horizon, decision, shown(run.path));
  }
  if (run.updates == 0) {
    spdlog::warn("{}: checkpoint {} has no update behind it: model and policy are as they were drawn",
                 shown(run.path), run.checkpoint);
  }
  tensor::set_learner_threads(static_cast<int>(run.config.learner_threads));
  evaluation::EvaluationOptions options = evaluation::fresh_options(run, job.seed);
  options.episodes = job.episodes;
  options.think = job.think;
  options.planner = job.planner;
  options.horizon = job.horizon;
  options.long_dream = job.long_dream;
  if (job.quick) {
    options.episodes = kQuickEpisodes;
    options.starts = kQuickStarts;
    options.horizon = kQuickHorizon;
  }
  report::StageProgress progress(isatty(STDERR_FILENO) != 0);
  if (!job.quiet) {
    options.on_progress = [&](const evaluation::ProgressNow& now) {
      progress.update(now.part, now.of_part, now.of_all);
    };
    progress.tick_by_itself();
  }
  options.videos = job.videos;
  options.data = job.data;
  options.stop = job.stop;
  evaluation::EvaluationResult result = evaluation::evaluate_run(
      run, options, job.sections.empty() ? evaluation::all_sections() : std::span(job.sections), job.acting,
      job.against);
  result.options.on_progress = {};  // it refers to this call
  progress.finish();
  if (result.divergence.is_frequent()) spdlog::warn("{}", contract::divergence_text(result.divergence));
  return result;
}

}  // namespace reverie::apps
