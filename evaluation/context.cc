#include "evaluation/context.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "contract/pushed_policy.h"
#include "contract/random_policy.h"
#include "evaluation/returns.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr const char* kNotNeeded = "no section that was asked for needs it.";

// Seconds of a walker, about.
constexpr double kRecordWeight = 4.0, kImaginedWeight = 4.0, kPairWeight = 12.0;
constexpr double kDreamShare = 0.3;  // of kImaginedWeight; the rest asks the reward program

// Records in the order of calls; counts what diverged into the context.
std::vector<contract::Episode> record(Context& context, contract::Policy& policy, uint64_t first_index,
                                      const std::string& name, base::ThreadPool& pool) {
  context.progress.begin("episodes of " + name, kRecordWeight);
  const Subject& subject = context.subject;
  const RecordOptions options{.count = context.options.episodes,
                              .seed = context.options.seed,
                              .first_index = first_index,
                              .action_repeat = subject.action_repeat,
                              .policy_name = name,
                              .stop = context.options.stop,
                              .progress = context.progress};
  std::vector<contract::Episode> episodes = record_episodes(subject.task, policy, options, pool);
  for (const contract::Episode& episode : episodes) context.divergence.add(episode);
  std::erase_if(episodes, [](const contract::Episode& e) { return e.diverged; });
  if (episodes.empty())
    base::throw_user_error("{}: no episode of {} is left: {}", subject.task->spec().task, name,
                           contract::divergence_text(context.divergence));
  return episodes;
}

// Episodes may be too short for a single decision, or show nothing that varies: returns are told all the same.
void pair(Context& context, contract::World& floor, const std::string& name, HeldOut& set) {
  context.progress.begin("recorded actions, " + name, kPairWeight);
  set.missing.clear();
  const EvaluationOptions& options = context.options;
  const FidelityOptions fidelity{.horizon = options.horizon,
                                 .max_starts = options.starts,
                                 .seed = options.seed,
                                 .stop = options.stop,
                                 .progress = context.progress,
                                 .value = context.subject.value};
  try {
    set.rollouts = pair_rollouts(*context.subject.dream, &floor, set.episodes, fidelity);
  } catch (const base::UserError& error) {
    set.missing = error.what();
    return;
  }
  set.fidelity = compare_rollouts(set.rollouts, context.subject.task->spec().control_dt, fidelity.threshold,
                                  options.stop);
}

// A dream that predicts nothing but what is no number cannot be evaluated.
void check_imagined(const Visits& imagined) {
  if (std::ranges::none_of(imagined.returns, [](double x) { return std::isfinite(x); }))
    base::throw_user_error(
        "the dream predicts what is not a number: none of {} imagined returns is finite, so that its weights "
        "are "
        "damaged or its training diverged",
        imagined.returns.size());
}

}  // namespace

void measure_dream_of(Context& context, contract::World& dream, contract::Policy& policy,
                      base::ThreadPool& pool) {
  const contract::EnvSpec& spec = context.subject.task->spec();
  const std::vector<contract::StartPoint> starts = first_rows(context.on_policy.episodes);
  const EvaluationOptions& options = context.options;
  context.dreamt.value = context.subject.value;
  context.imagined = closed_loop(dream, starts, policy, spec, options.seed, spec.episode_steps, options.stop,
                                 context.progress.between(0.0, kDreamShare), &context.dreamt);
  context.program = {};
  if (context.dreamt.nq == spec.nq && context.dreamt.nv == spec.nv)
    context.program = ask_program(context.subject.task, context.dreamt, starts, pool, options.stop,
                                  context.progress.between(kDreamShare, 1.0));
}

double context_weight(const Needs& needs) {
  return kRecordWeight + (needs.imagined ? kImaginedWeight : 0.0) +
         (needs.random_returns ? kRecordWeight : 0.0) + (needs.pushed ? kRecordWeight + kPairWeight : 0.0) +
         (needs.on_policy ? kPairWeight : 0.0);
}

Context measure_context(const Subject& subject, const EvaluationOptions& options, base::ThreadPool& pool,
                        const Needs& needs, const Progress& progress) {
  const contract::EnvSpec& spec = subject.task->spec();
  Context context{.subject = subject,
                  .options = options,
                  .pushed = {},
                  .on_policy = {},
                  .imagined = {},
                  .random_returns = {},
                  .progress = progress};
  context.on_policy.missing = context.pushed.missing = kNotNeeded;
  context.on_policy.episodes =
      record(context, *subject.policy, kEvaluationFirstIndex, subject.policy_name, pool);
  if (needs.imagined) {
    progress.begin("the policy in the dream", kImaginedWeight);
    measure_dream_of(context, *subject.dream, *subject.policy, pool);
    check_imagined(context.imagined);
  }
  if (needs.random_returns && options.random_baseline) {
    const auto random = contract::random_policy(spec, contract::Stream::kEvaluation);
    context.random_returns = episode_returns(record(context, *random, kEvaluationFirstIndex, "random", pool));
  }
  if (needs.pushed) {
    const auto pushed = contract::pushed_policy(*subject.policy, spec);
    context.pushed.episodes =
        record(context, *pushed, kEvaluationFirstIndex + static_cast<uint64_t>(options.episodes),
               subject.policy_name + ", pushed", pool);
  }
  const std::unique_ptr<contract::World> floor =
      sim::make_simulated_world(subject.task, pool,
                                {.action_repeat = subject.action_repeat,
                                 .perturbation = options.perturbation,
                                 .perturbation_seed = options.seed});
  if (needs.pushed) pair(context, *floor, "pushed", context.pushed);
  if (needs.on_policy) pair(context, *floor, "undisturbed", context.on_policy);
  return context;
}

}  // namespace reverie::evaluation
