#include "evaluation/rollout.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "contract/driver.h"
#include "contract/recorded_policy.h"
#include "contract/world_rows.h"
#include "sim/vector_env.h"
#include "sim/vector_env_rows.h"

namespace reverie::evaluation {
namespace {

int64_t whole_decisions(const contract::StartPoint& start, int control_steps) {
  return (start.episode->length() - start.step) / control_steps;
}

Rollouts empty_rollouts(std::span<const contract::StartPoint> starts, int64_t decisions, int control_steps) {
  Rollouts rollouts;
  if (!starts.empty()) rollouts.observation_dim = starts.front().episode->observation_dim;
  rollouts.count = static_cast<int64_t>(starts.size());
  rollouts.decisions = decisions;
  for (const contract::StartPoint& start : starts)
    rollouts.lengths.push_back(std::min(decisions, whole_decisions(start, control_steps)));
  return rollouts;
}

}  // namespace

double Rollouts::kept_return(int64_t n, int64_t k) const {
  double alive = 1.0, sum = 0.0;
  for (int64_t i = 0; i < k; ++i) {
    sum += alive * reward(i, n);
    alive *= continuation[static_cast<size_t>(i * count + n)];
  }
  return sum;
}

double Rollouts::alive(int64_t n, int64_t k) const {
  double alive = 1.0;
  for (int64_t i = 0; i < k; ++i) alive *= continuation[static_cast<size_t>(i * count + n)];
  return alive;
}

std::vector<contract::Episode> record_episodes(const std::shared_ptr<const sim::Task>& task,
                                               contract::Policy& policy, const RecordOptions& options,
                                               base::ThreadPool& pool) {
  const contract::EnvSpec& spec = task->spec();
  sim::VectorEnv env(task, options.count, options.seed, options.first_index, pool, options.model);
  env.set_recording(true);
  env.reset();
  sim::VectorEnvRows rows(env, options.action_repeat, options.seed, sim::DrawBy::kRow);
  contract::Driver driver(rows, policy);
  std::vector<contract::Episode> episodes;
  const int64_t decisions = (spec.episode_steps + options.action_repeat - 1) / options.action_repeat;
  for (int64_t k = 0; k < decisions && episodes.size() < static_cast<size_t>(options.count); ++k) {
    base::check_stop(options.stop);
    driver.step();
    options.progress.at(k + 1, decisions);
    for (contract::Episode& episode : env.take_finished()) {
      // An environment whose episode ended early has gone on to a later one, which nobody asked for.
      if (episode.index >= options.first_index + static_cast<uint64_t>(options.count)) continue;
      episode.policy = options.policy_name;
      episodes.push_back(std::move(episode));
    }
  }
  if (episodes.size() != static_cast<size_t>(options.count))
    throw std::logic_error(fmt::format("{}: {} of {} episodes ended within {} control steps", spec.task,
                                       episodes.size(), options.count, spec.episode_steps));
  std::ranges::sort(episodes, {}, &contract::Episode::index);
  return episodes;
}

Rollouts recorded(std::span<const contract::StartPoint> starts, int64_t decisions, int control_steps) {
  Rollouts rollouts = empty_rollouts(starts, decisions, control_steps);
  for (int64_t k = 0; k <= decisions; ++k) {
    for (const contract::StartPoint& start : starts) {
      const int64_t row = std::min(start.step + k * control_steps, start.episode->length());
      const std::span<const float> observation = start.episode->observation(row);
      rollouts.observations.insert(rollouts.observations.end(), observation.begin(), observation.end());
      if (k == decisions) continue;
      // Summed as SimulatedWorld sums: the self-test compares exactly.
      double reward = 0.0;
      for (int64_t t = row; t < std::min(row + control_steps, start.episode->length()); ++t)
        reward += start.episode->rewards[static_cast<size_t>(t)];
      rollouts.rewards.push_back(static_cast<float>(reward));
    }
  }
  return rollouts;
}

Rollouts play(contract::World& world, std::span<const contract::StartPoint> starts, contract::Policy& policy,
              uint64_t seed, int64_t decisions, const base::Stop* stop, const Progress& progress,
              const ValueFunction& value) {
  Rollouts rollouts = empty_rollouts(starts, decisions, world.control_steps());
  const auto append = [](std::vector<float>& rows, std::span<const float> more) {
    rows.insert(rows.end(), more.begin(), more.end());
  };
  const auto keep_state = [&] {
    append(rollouts.observations, world.observations());
    append(rollouts.positions, world.positions());
    append(rollouts.velocities, world.velocities());
    if (!value || world.latents().empty()) return;
    rollouts.values.resize(rollouts.values.size() + starts.size());
    value(world.latents(), std::span(rollouts.values).last(starts.size()));
  };
  world.reset(starts);
  keep_state();
  if (!starts.empty()) {
    rollouts.nq = static_cast<int>(rollouts.positions.size() / starts.size());
    rollouts.nv = static_cast<int>(rollouts.velocities.size() / starts.size());
  }
  contract::WorldRows rows(world, starts.empty() ? 0 : starts.front().episode->action_dim, {.seed = seed});
  contract::Driver driver(rows, policy);
  for (int64_t k = 0; k < decisions; ++k) {
    base::check_stop(stop);
    driver.step();
    progress.at(k + 1, decisions);
    keep_state();
    append(rollouts.rewards, world.rewards());
    append(rollouts.continuation, world.continuation());
    append(rollouts.uncertainty, world.uncertainty());
  }
  return rollouts;
}

Rollouts play_actions(contract::World& world, std::span<const contract::StartPoint> starts, int64_t decisions,
                      const base::Stop* stop, const Progress& progress, const ValueFunction& value) {
  const std::unique_ptr<contract::Policy> actions = contract::recorded_policy(starts, world.control_steps());
  return play(world, starts, *actions, 0, decisions, stop, progress, value);
}

}  // namespace reverie::evaluation
