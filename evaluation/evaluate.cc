#include "evaluation/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "evaluation/context.h"
#include "evaluation/learn_on.h"
#include "policies/actor_policy.h"
#include "policies/planner_policy.h"
#include "training/run_directory.h"

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
  const Needs needs = needs_of(sections);
  double weight = context_weight(needs);
  for (const Section& section : sections) weight += section.weight;
  const Context context =
      measure_context(subject, options, pool, needs, Progress(options.on_progress, weight));
  result.divergence = context.divergence;
  result.sections = measure_sections(sections, context);
  result.seconds = seconds_since(begin);
  return result;
}

namespace {

// Whether the policy of `other`, which was given as `word`, can act where that of `run` does.
void check_same_task(const training::Run& run, const char* word, const training::Run& other) {
  const contract::EnvSpec &ours = run.task->spec(), &theirs = other.task->spec();
  if (ours.hash != theirs.hash)
    base::throw_user_error("{} {}: its task is {} (hash {}), that of {} is {} (hash {})", word,
                           other.path.string(), theirs.task, theirs.hash, run.path.string(), ours.task,
                           ours.hash);
  if (other.agent->action_repeat() != run.agent->action_repeat())
    base::throw_user_error("{} {}: its decisions are {} control steps long, those of {} {}", word,
                           other.path.string(), other.agent->action_repeat(), run.path.string(),
                           run.agent->action_repeat());
}

void check_acting(const training::Run& run, const EvaluationOptions& options, const training::Run& acting) {
  check_same_task(run, "policy", acting);
  if (options.think != policies::Think::kActor)
    base::throw_user_error("think={}: the policy of another run does not plan in this run's world",
                           policies::think_name(options.think));
}

}  // namespace

namespace {

// The run at its checkpoint `name`.
training::Run at_checkpoint(const training::Run& run, const std::string& name) {
  return name == run.checkpoint ? run : training::open_run(run.path, name, run.config.device);
}

// At most `most` of `names`, spread over them, the first and the last among them.
std::vector<std::string> spread_over(const std::vector<std::string>& names, size_t most) {
  std::vector<std::string> chosen;
  const size_t count = std::min(names.size(), most);
  for (size_t i = 0; i < count; ++i)
    chosen.push_back(names[count == 1 ? names.size() - 1 : i * (names.size() - 1) / (count - 1)]);
  return chosen;
}

// The actors of checkpoints spread over the run.
std::vector<Rival> rivals_of(const training::Run& run) {
  std::vector<Rival> checkpoints;
  for (const std::string& name : spread_over(training::list_checkpoints(run.path), kRankingCheckpoints))
    checkpoints.push_back({name, policies::observing_actor_policy(at_checkpoint(run, name).agent)});
  return make_rivals(checkpoints, run.task->spec());
}

// The run up to the checkpoint under test, which is the last.
std::vector<PastSelf> past_selves_of(const training::Run& run) {
  std::vector<std::string> names = training::list_checkpoints(run.path);
  std::erase_if(names, [&](const std::string& name) { return name > run.checkpoint; });
  std::vector<PastSelf> selves;
  for (const std::string& name : spread_over(names, kPastSelves)) {
    const training::Run then = at_checkpoint(run, name);
    selves.push_back({.env_steps = training::has_fixed_data(run.config) ? then.updates : then.env_steps,
                      .policy = policies::actor_policy(then.agent),
                      .dream = then.agent->imagined_world()});
  }
  return selves;
}

}  // namespace

EvaluationResult evaluate_run(const training::Run& run, const EvaluationOptions& options,
                              std::span<const Section> sections, const training::Run* acting,
                              const training::Run* against) {
  if (acting != nullptr) check_acting(run, options, *acting);
  if (against != nullptr) check_same_task(run, "against", *against);
  base::ThreadPool pool(options.sim_threads);
  policies::Agent& agent = *run.agent;
  const std::unique_ptr<contract::World> dream = agent.imagined_world();
  Subject subject;
  subject.task = run.task;
  subject.action_repeat = agent.action_repeat();
  subject.dream = dream.get();
  policies::PlannerPolicy planner(
      policies::Planner(run.agent, options.think, options.planner, run.config.learner.discount));
  const std::unique_ptr<contract::Policy> actor =
      acting == nullptr ? policies::actor_policy(run.agent) : policies::observing_actor_policy(acting->agent);
  if (acting != nullptr) {
    subject.policy_name = fmt::format("{}@{}", acting->path.filename().string(), acting->env_steps);
    subject.policy = actor.get();
  } else if (options.think == policies::Think::kActor) {
    subject.policy_name = fmt::format("actor@{}", run.env_steps);
    subject.policy = actor.get();
  } else {
    subject.policy_name = fmt::format("think={}@{}", policies::think_name(options.think), run.env_steps);
    subject.policy = &planner;
    subject.planning = [&planner] { return planner.stats(); };
  }
  subject.reconstruct = [&agent](std::span<const float> observations, std::span<float> decoded) {
    agent.reconstruct(observations, decoded);
  };
  if (subject.policy == actor.get() && acting == nullptr) {
    subject.value = [&agent](std::span<const float> latents, std::span<float> values) {
      agent.value(latents, values);
    };
    subject.discount = run.config.learner.discount;
  } else {
    subject.no_value = "the run's critic is that of its own actor, which is not the policy under test";
  }
  std::unique_ptr<contract::Policy> rival;
  if (against != nullptr) {
    rival = policies::observing_actor_policy(against->agent);
    subject.rival = rival.get();
    subject.rival_name = fmt::format("{}@{}", against->path.filename().string(), against->env_steps);
  }
  subject.rivals = [&run] { return rivals_of(run); };
  if (training::learns(run.config) != policies::Learn::kModel) {
    subject.past_selves = [&run] { return past_selves_of(run); };
    subject.learn_on = learn_on(run);
  }
  EvaluationResult result = evaluate(subject, options, pool, sections);
  result.run = run.path.string();
  result.checkpoint = run.checkpoint;
  result.env_steps = run.env_steps;
  const auto weights = run.path / "checkpoints" / run.checkpoint / "model.safetensors";
  if (std::filesystem::exists(weights)) result.weights_hash = base::content_hash(base::read_file(weights));
  if (std::filesystem::exists(run.path / "metrics.jsonl")) result.training = training::read_metrics(run.path);
  return result;
}

}  // namespace reverie::evaluation
