#include "evaluation/start_sets.h"

#include <algorithm>

#include "base/error.h"
#include "contract/divergence.h"
#include "contract/random_policy.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

struct Shift {
  const char* name;
  const char* what;
  sim::PhysicsScale scale;
};

const Shift kShifts[] = {{"heavy", "mass x 1.5", {.mass = 1.5}},
                         {"slippery", "friction x 0.5", {.friction = 0.5}},
                         {"strong_gravity", "gravity x 1.25", {.gravity = 1.25}}};

std::vector<contract::Episode> record(const Context& context, contract::Policy& policy,
                                      const std::string& name, const mjModel* model, base::ThreadPool& pool) {
  return record_episodes(context.subject.task, policy,
                         {.count = std::min(kSetEpisodes, context.options.episodes),
                          .seed = context.options.seed,
                          .action_repeat = context.subject.action_repeat,
                          .policy_name = name,
                          .model = model,
                          .stop = context.options.stop},
                         pool);
}

void pair(const Context& context, contract::World* own, StartSet& set) {
  contract::Divergence divergence;
  for (const contract::Episode& episode : set.episodes) divergence.add(episode);
  std::erase_if(set.episodes, [](const contract::Episode& e) { return e.diverged; });
  if (set.episodes.empty()) {
    set.missing = "no episode is left: " + contract::divergence_text(divergence);
    return;
  }
  try {
    set.rollouts = pair_rollouts(*context.subject.dream, own, set.episodes,
                                 {.horizon = std::min(kSetSteps, context.options.horizon),
                                  .max_starts = std::min(kSetStarts, context.options.starts),
                                  .seed = context.options.seed,
                                  .stop = context.options.stop});
  } catch (const base::UserError& error) {
    set.missing = error.what();
  }
}

}  // namespace

std::vector<StartSet> make_start_sets(const Context& context, base::ThreadPool& pool) {
  const Subject& subject = context.subject;
  std::vector<StartSet> sets;
  const auto random = contract::random_policy(subject.task->spec(), contract::Stream::kEvaluation);
  sets.push_back({.name = "random", .what = "the random policy"});
  sets.back().episodes = record(context, *random, "random", nullptr, pool);
  for (const Shift& shift : kShifts) {
    if (subject.policy == nullptr) break;
    context.progress.at(std::ssize(sets), 5);
    const sim::ModelPtr model = sim::scaled_model(subject.task->model(), shift.scale);
    sets.push_back({.name = shift.name, .what = shift.what, .is_shifted = true});
    sets.back().episodes =
        record(context, *subject.policy, subject.policy_name + ", " + shift.what, model.get(), pool);
  }
  if (context.options.data)
    sets.push_back({.name = "data", .what = "episodes of --data", .episodes = *context.options.data});
  const std::unique_ptr<contract::World> own =
      sim::make_simulated_world(subject.task, pool, {.action_repeat = subject.action_repeat});
  context.progress.at(4, 5);
  for (StartSet& set : sets) pair(context, set.is_shifted ? own.get() : nullptr, set);
  return sets;
}

}  // namespace reverie::evaluation
