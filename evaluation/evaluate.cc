#include "evaluation/evaluate.h"

#include <chrono>

#include "base/error.h"
#include "evaluation/planned_policy.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

EvaluationResult evaluate(const Subject& subject, const EvaluationOptions& options, base::ThreadPool& pool) {
  const auto begin = std::chrono::steady_clock::now();
  const contract::EnvSpec& spec = subject.task->spec();
  EvaluationResult result;
  result.task = spec.task;
  result.task_hash = spec.hash;
  result.title = subject.task->title();
  result.options = options;
  const auto record = [&](const Policy& policy, uint64_t first_index, const std::string& name) {
    const RecordOptions record_options{.count = options.episodes,
                                       .seed = options.seed,
                                       .first_index = first_index,
                                       .action_repeat = subject.action_repeat,
                                       .policy_name = name};
    std::vector<contract::Episode> episodes =
        record_episodes(subject.task, Policy(policy), record_options, pool);
    result.diverged +=
        static_cast<int64_t>(std::erase_if(episodes, [](const contract::Episode& e) { return e.diverged; }));
    if (episodes.empty())
      base::throw_user_error("{}: physics diverged in all of {} episodes ({})", spec.task, options.episodes,
                             name);
    return episodes;
  };

  const std::vector<contract::Episode> episodes =
      record(subject.policy, kEvaluationFirstIndex, subject.policy_name);
  result.returns =
      compare_returns(episode_returns(episodes),
                      closed_loop_returns(*subject.dream, first_rows(episodes), subject.dream_policy,
                                          spec.action_dim, spec.episode_steps),
                      options.seed);
  if (options.random_baseline) {
    const std::vector<contract::Episode> random =
        record(random_policy(spec, options.seed), kEvaluationFirstIndex, "random");
    result.returns.random_return = return_estimate(episode_returns(random), options.seed);
  }

  const std::unique_ptr<contract::World> floor =
      sim::make_simulated_world(subject.task, pool,
                                {.action_repeat = subject.action_repeat,
                                 .perturbation = options.perturbation,
                                 .perturbation_seed = options.seed});
  const auto fidelity = [&](const std::vector<contract::Episode>& held_out) {
    return measure_fidelity(*subject.dream, floor.get(), held_out, spec.control_dt,
                            {.horizon = options.horizon, .max_starts = options.starts, .seed = options.seed});
  };
  result.fidelity = fidelity(record(pushed_policy(subject.policy, spec, options.seed),
                                    kEvaluationFirstIndex + static_cast<uint64_t>(options.episodes),
                                    subject.policy_name + ", pushed"));
  result.fidelity_on_policy = fidelity(episodes);
  if (subject.reconstruct) result.probe_error = reconstruction_error(episodes, subject.reconstruct);
  result.seconds = seconds_since(begin);
  return result;
}

EvaluationResult evaluate_run(const training::Run& run, const EvaluationOptions& options) {
  base::ThreadPool pool(options.sim_threads);
  policies::Agent& agent = *run.agent;
  const std::unique_ptr<contract::World> dream = agent.imagined_world();
  Subject subject;
  subject.task = run.task;
  subject.action_repeat = agent.action_repeat();
  subject.dream = dream.get();
  const policies::Planner planner(run.agent, options.think, options.planner, run.config.learner.discount);
  if (options.think == policies::Think::kActor) {
    subject.policy_name = fmt::format("actor@{}", run.env_steps);
    subject.policy = [&agent](std::span<const float> observations, std::span<float> actions) {
      agent.act(observations, actions);
    };
    subject.dream_policy = [&agent](const contract::World& world, std::span<float> actions) {
      agent.act_latent(world.latents(), actions);
    };
  } else {
    subject.policy_name = fmt::format("think={}@{}", policies::think_name(options.think), run.env_steps);
    subject.policy = planned_policy(planner, options.seed);
    subject.dream_policy = planned_world_policy(planner, options.seed);
  }
  subject.reconstruct = [&agent](std::span<const float> observations, std::span<float> decoded) {
    agent.reconstruct(observations, decoded);
  };
  EvaluationResult result = evaluate(subject, options, pool);
  result.planning = planner.stats();
  result.run = run.path.string();
  result.checkpoint = run.checkpoint;
  result.env_steps = run.env_steps;
  return result;
}

}  // namespace reverie::evaluation
