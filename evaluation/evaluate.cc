#include "evaluation/evaluate.h"

#include <chrono>

#include "base/error.h"
#include "sim/simulated_world.h"

namespace reverie {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

EvaluationResult evaluate(const Subject& subject, const EvaluationOptions& options, ThreadPool& pool) {
  const auto begin = std::chrono::steady_clock::now();
  const EnvSpec& spec = subject.task->spec();
  EvaluationResult result;
  result.task = spec.task;
  result.title = subject.task->title();
  result.options = options;

  RecordOptions record{.count = options.episodes,
                       .seed = options.seed,
                       .action_repeat = subject.action_repeat,
                       .policy_name = subject.policy_name};
  std::vector<Episode> episodes = record_episodes(subject.task, subject.policy, record, pool);
  result.diverged =
      static_cast<int64_t>(std::erase_if(episodes, [](const Episode& episode) { return episode.diverged; }));
  if (episodes.empty())
    throw_user_error("{}: physics diverged in all of {} episodes", spec.task, options.episodes);

  std::vector<double> imagined = closed_loop_returns(
      *subject.dream, first_rows(episodes), subject.dream_policy, spec.action_dim, spec.episode_steps);
  result.returns = compare_returns(episode_returns(episodes), std::move(imagined), options.seed);
  if (options.random_baseline) {
    record.policy_name = "random";
    const std::vector<Episode> random =
        record_episodes(subject.task, random_policy(spec, options.seed), record, pool);
    result.returns.random_return = return_estimate(episode_returns(random), options.seed);
  }

  const std::unique_ptr<World> floor = make_simulated_world(subject.task, pool,
                                                            {.action_repeat = subject.action_repeat,
                                                             .perturbation = options.perturbation,
                                                             .perturbation_seed = options.seed});
  result.fidelity =
      measure_fidelity(*subject.dream, floor.get(), episodes, spec.control_dt,
                       {.horizon = options.horizon, .max_starts = options.starts, .seed = options.seed});
  result.seconds = seconds_since(begin);
  return result;
}

EvaluationResult evaluate_run(const Run& run, const EvaluationOptions& options) {
  ThreadPool pool(options.sim_threads);
  Agent& agent = *run.agent;
  const std::unique_ptr<World> dream = agent.imagined_world();
  Subject subject;
  subject.task = run.task;
  subject.action_repeat = agent.action_repeat();
  subject.policy = [&agent](std::span<const float> observations, std::span<float> actions) {
    agent.act(observations, actions);
  };
  subject.policy_name = "actor@" + std::to_string(run.env_steps);
  subject.dream = dream.get();
  subject.dream_policy = [&agent](const World& world, std::span<float> actions) {
    agent.act_latent(world.latents(), actions);
  };
  EvaluationResult result = evaluate(subject, options, pool);
  result.run = run.path.string();
  result.checkpoint = run.checkpoint;
  result.env_steps = run.env_steps;
  return result;
}

}  // namespace reverie
