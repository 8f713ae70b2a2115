#include "evaluation/rollout.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "contract/rng.h"
#include "sim/vector_env.h"

namespace reverie::evaluation {
namespace {

int64_t whole_decisions(const contract::StartPoint& start, int control_steps) {
  return (start.episode->length() - start.step) / control_steps;
}

Replay empty_replay(std::span<const contract::StartPoint> starts, int64_t decisions, int control_steps) {
  Replay replay;
  if (!starts.empty()) replay.observation_dim = starts.front().episode->observation_dim;
  replay.count = static_cast<int64_t>(starts.size());
  replay.decisions = decisions;
  for (const contract::StartPoint& start : starts)
    replay.lengths.push_back(std::min(decisions, whole_decisions(start, control_steps)));
  return replay;
}

// The action of decision k after `start`; the last recorded one when the record is over.
std::span<const float> decision_action(const contract::StartPoint& start, int64_t k, int control_steps) {
  const contract::Episode& episode = *start.episode;
  const int64_t row = start.step + k * control_steps;
  if (row + control_steps > episode.length()) return episode.action(episode.length() - 1);
  const std::span<const float> action = episode.action(row);
  for (int64_t r = 1; r < control_steps; ++r) {
    if (!std::ranges::equal(action, episode.action(row + r)))
      throw std::logic_error(fmt::format(
          "the action changes at step {}, within a decision of {} control steps", row + r, control_steps));
  }
  return action;
}

}  // namespace

Policy random_policy(const contract::EnvSpec& spec, uint64_t seed) {
  return [low = spec.action_low, high = spec.action_high, seed, call = uint64_t{0}](
             std::span<const float>, std::span<float> actions) mutable {
    const size_t dim = low.size();
    for (size_t row = 0; row * dim < actions.size(); ++row) {
      contract::Rng rng(seed, row, contract::Stream::kEvaluation, call);
      for (size_t a = 0; a < dim; ++a)
        actions[row * dim + a] = static_cast<float>(rng.uniform(low[a], high[a]));
    }
    ++call;
  };
}

Policy pushed_policy(Policy policy, const contract::EnvSpec& spec, uint64_t seed) {
  struct Push {
    int64_t left = 0;  // decisions
    std::vector<float> action;
  };
  return
      [policy = std::move(policy), low = spec.action_low, high = spec.action_high, seed, call = uint64_t{0},
       pushes = std::vector<Push>()](std::span<const float> observations, std::span<float> actions) mutable {
        const size_t dim = low.size();
        policy(observations, actions);
        pushes.resize(actions.size() / dim);
        for (size_t row = 0; row < pushes.size(); ++row) {
          Push& push = pushes[row];
          contract::Rng rng(seed, row, contract::Stream::kEvaluation, call);
          if (push.left == 0 && rng.below(50) == 0) {
            push.left = 5 + rng.below(41);
            push.action.clear();
            for (size_t a = 0; a < dim; ++a)
              push.action.push_back(static_cast<float>(rng.uniform(low[a], high[a])));
          }
          if (push.left == 0) continue;
          --push.left;
          std::ranges::copy(push.action, actions.begin() + static_cast<std::ptrdiff_t>(row * dim));
        }
        ++call;
      };
}

std::vector<contract::Episode> record_episodes(const std::shared_ptr<const sim::Task>& task,
                                               const Policy& policy, const RecordOptions& options,
                                               base::ThreadPool& pool) {
  const contract::EnvSpec& spec = task->spec();
  sim::VectorEnv env(task, options.count, options.seed, options.first_index, pool);
  env.set_recording(true);
  env.reset();
  std::vector<float> actions(static_cast<size_t>(options.count) * spec.action_dim);
  std::vector<contract::Episode> episodes;
  const int64_t decisions = (spec.episode_steps + options.action_repeat - 1) / options.action_repeat;
  for (int64_t k = 0; k < decisions && episodes.size() < static_cast<size_t>(options.count); ++k) {
    policy(env.observations(), actions);
    env.step(actions, options.action_repeat);
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

Replay recorded(std::span<const contract::StartPoint> starts, int64_t decisions, int control_steps) {
  Replay replay = empty_replay(starts, decisions, control_steps);
  for (int64_t k = 0; k <= decisions; ++k) {
    for (const contract::StartPoint& start : starts) {
      const int64_t row = std::min(start.step + k * control_steps, start.episode->length());
      const std::span<const float> observation = start.episode->observation(row);
      replay.observations.insert(replay.observations.end(), observation.begin(), observation.end());
      if (k == decisions) continue;
      // Summed as SimulatedWorld sums: the self-test compares exactly.
      double reward = 0.0;
      for (int64_t t = row; t < std::min(row + control_steps, start.episode->length()); ++t)
        reward += start.episode->rewards[static_cast<size_t>(t)];
      replay.rewards.push_back(static_cast<float>(reward));
    }
  }
  return replay;
}

Replay replay_actions(contract::World& world, std::span<const contract::StartPoint> starts,
                      int64_t decisions) {
  const int repeat = world.control_steps();
  Replay replay = empty_replay(starts, decisions, repeat);
  const auto keep_observations = [&] {
    replay.observations.insert(replay.observations.end(), world.observations().begin(),
                               world.observations().end());
  };
  world.reset(starts);
  keep_observations();
  std::vector<float> actions;
  for (int64_t k = 0; k < decisions; ++k) {
    actions.clear();
    for (const contract::StartPoint& start : starts) {
      const std::span<const float> action = decision_action(start, k, repeat);
      actions.insert(actions.end(), action.begin(), action.end());
    }
    world.step(actions);
    keep_observations();
    replay.rewards.insert(replay.rewards.end(), world.rewards().begin(), world.rewards().end());
  }
  return replay;
}

std::vector<double> closed_loop_returns(contract::World& world, std::span<const contract::StartPoint> starts,
                                        const WorldPolicy& policy, int action_dim, int64_t control_steps) {
  std::vector<double> returns(starts.size(), 0.0), alive(starts.size(), 1.0);
  std::vector<float> actions(starts.size() * static_cast<size_t>(action_dim));
  const int repeat = world.control_steps();
  world.reset(starts);
  for (int64_t done = 0; done < control_steps; done += repeat) {
    policy(world, actions);
    world.step(actions);
    // The last decision may reach beyond the end: only the part before it counts.
    const double part = static_cast<double>(std::min<int64_t>(repeat, control_steps - done)) / repeat;
    for (size_t n = 0; n < starts.size(); ++n) {
      returns[n] += part * alive[n] * world.rewards()[n];
      alive[n] *= world.continuation()[n];
    }
  }
  return returns;
}

}  // namespace reverie::evaluation
