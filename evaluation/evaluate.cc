#include "evaluation/evaluate.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "base/files.h"
#include "evaluation/context.h"
#include "evaluation/run_subject.h"
#include "training/trainer.h"

namespace reverie::evaluation {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

EvaluationResult evaluate(const Subject& subject, const EvaluationOptions& options, base::ThreadPool& pool,
                          std::span<const Section> sections) {
  const auto begin = std::chrono::steady_clock::now();
  const contract::EnvSpec& spec = subject.task->spec();
  EvaluationResult result;
  result.task = spec.task;
  result.task_hash = spec.hash;
  result.title = subject.task->title();
  result.control_dt = spec.control_dt;
  result.control_steps = subject.action_repeat;
  result.options = options;
  Needs needs = needs_of(sections);
  needs.imagined = needs.imagined || options.videos;
  double weight = context_weight(needs);
  for (const Section& section : sections) weight += section.weight;
  const Context context =
      measure_context(subject, options, pool, needs, Progress(options.on_progress, weight));
  result.divergence = context.divergence;
  result.sections = measure_sections(sections, context);
  if (options.videos) result.strips = choose_strips(context);
  result.seconds = seconds_since(begin);
  return result;
}

EvaluationOptions fresh_options(const training::Run& run, int64_t seed) {
  EvaluationOptions options;
  options.seed = training::evaluation_seed(static_cast<uint64_t>(run.config.seed)) ^
                 ((static_cast<uint64_t>(seed) + 1) << 32);
  options.sim_threads = static_cast<int>(run.config.sim_threads);
  return options;
}

EvaluationResult evaluate_run(const training::Run& run, const EvaluationOptions& options,
                              std::span<const Section> sections, const ActingPolicy& acting,
                              const training::Run* against) {
  base::ThreadPool pool(options.sim_threads);
  const RunSubject made = make_run_subject(run, options.think, options.planner, acting, against);
  EvaluationResult result = evaluate(made.subject, options, pool, sections);
  result.run = run.path.string();
  result.checkpoint = run.checkpoint;
  result.env_steps = run.env_steps;
  if (acting.run != nullptr)
    result.acting = fmt::format("{}@{}", acting.run->path.string(), acting.run->checkpoint);
  if (acting.policy != nullptr) result.acting = acting.name;
  result.weights_hash = weights_hash(run);
  result.training = training::read_metrics(run.path);
  return result;
}

std::string weights_hash(const training::Run& run) {
  const auto weights = run.path / "checkpoints" / run.checkpoint / "model.safetensors";
  return std::filesystem::exists(weights) ? base::content_hash(base::read_file(weights)) : std::string();
}

}  // namespace reverie::evaluation
