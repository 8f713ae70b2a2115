#include "evaluation/run_subject.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "evaluation/learn_on.h"
#include "policies/actor_policy.h"
#include "training/run_directory.h"

namespace reverie::evaluation {
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

// The critic speaks for the run's own actor alone.
void add_value(Subject& subject, const training::Run& run, bool is_own_actor) {
  if (!is_own_actor) {
    subject.no_value = "the run's critic is that of its own actor, which is not the policy under test";
    return;
  }
  subject.value = [agent = run.agent](std::span<const float> latents, std::span<float> values) {
    agent->value(latents, values);
  };
  subject.discount = run.config.learner.discount;
}

void add_others(RunSubject& made, const training::Run& run, const training::Run* against) {
  Subject& subject = made.subject;
  if (against != nullptr) {
    made.rival = policies::observing_actor_policy(against->agent);
    subject.rival = made.rival.get();
    subject.rival_name = fmt::format("{}@{}", against->path.filename().string(), against->env_steps);
  }
  subject.rivals = [&run] { return rivals_of(run); };
  if (training::learns(run.config) == policies::Learn::kModel) return;
  subject.past_selves = [&run] { return past_selves_of(run); };
  subject.learn_on = learn_on(run);
}

// Who acts.
void add_policy(RunSubject& made, const training::Run& run, policies::Think think,
                const policies::PlannerConfig& planner, const ActingPolicy& acting) {
  Subject& subject = made.subject;
  if (acting.policy != nullptr) {
    subject.policy_name = acting.name;
    subject.policy = acting.policy;
  } else if (acting.run != nullptr) {
    made.actor = policies::observing_actor_policy(acting.run->agent);
    subject.policy_name = fmt::format("{}@{}", acting.run->path.filename().string(), acting.run->env_steps);
    subject.policy = made.actor.get();
  } else if (think == policies::Think::kActor) {
    made.actor = policies::actor_policy(run.agent);
    subject.policy_name = fmt::format("actor@{}", run.env_steps);
    subject.policy = made.actor.get();
  } else {
    made.planner = std::make_unique<policies::PlannerPolicy>(
        policies::Planner(run.agent, think, planner, run.config.learner.discount));
    subject.policy_name = fmt::format("think={}@{}", policies::think_name(think), run.env_steps);
    subject.policy = made.planner.get();
    subject.planning = [plans = made.planner.get()] { return plans->stats(); };
  }
}

}  // namespace

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

RunSubject make_run_subject(const training::Run& run, policies::Think think,
                            const policies::PlannerConfig& planner, const ActingPolicy& acting,
                            const training::Run* against) {
  if (acting.run != nullptr) check_same_task(run, "policy", *acting.run);
  if (against != nullptr) check_same_task(run, "against", *against);
  const bool is_other = acting.run != nullptr || acting.policy != nullptr;
  if (is_other && think != policies::Think::kActor)
    base::throw_user_error("think={}: the policy of another run does not plan in this run's world",
                           policies::think_name(think));
  policies::Agent& agent = *run.agent;
  RunSubject made;
  made.dream = agent.imagined_world();
  Subject& subject = made.subject;
  subject.task = run.task;
  subject.action_repeat = agent.action_repeat();
  subject.dream = made.dream.get();
  add_policy(made, run, think, planner, acting);
  subject.reconstruct = [&agent](std::span<const float> observations, std::span<float> decoded) {
    agent.reconstruct(observations, decoded);
  };
  add_value(subject, run, !is_other && made.planner == nullptr);
  add_others(made, run, against);
  return made;
}

}  // namespace reverie::evaluation
