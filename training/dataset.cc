#include "training/dataset.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "sim/episode_store.h"
#include "sim/rng.h"
#include "sim/task.h"
#include "sim/vector_env.h"
#include "training/run.h"

namespace fs = std::filesystem;

namespace reverie {
namespace {

constexpr size_t kShardEpisodes = 16;

// Who acts: random, zero, or an agent's mean action.
struct Policy {
  std::string name;
  std::shared_ptr<Agent> agent;  // null for random and zero
  int repeat = 1;                // control steps per decision

  void act(const VectorEnv& envs, uint64_t seed, std::vector<float>& actions) const;
};

void Policy::act(const VectorEnv& envs, uint64_t seed, std::vector<float>& actions) const {
  if (agent != nullptr) {
    agent->act(envs.observations(), actions);
    return;
  }
  const EnvSpec& spec = envs.spec();
  for (int i = 0; i < envs.size(); ++i) {
    Rng rng(seed, envs.episode_indices()[i], Stream::kPolicy, static_cast<uint64_t>(envs.steps()[i]));
    for (int j = 0; j < spec.action_dim; ++j) {
      const float low = spec.action_low[j], high = spec.action_high[j];
      float& action = actions[static_cast<size_t>(i) * spec.action_dim + j];
      action = name == "zero" ? std::clamp(0.0f, low, high) : static_cast<float>(rng.uniform(low, high));
    }
  }
}

// The task and the policy that `options` name.
std::pair<std::shared_ptr<const Task>, Policy> open_policy(const DatasetOptions& options) {
  if (options.policy == "random" || options.policy == "zero") {
    return {Task::load(options.task), Policy{.name = options.policy, .agent = nullptr}};
  }
  if (!fs::exists(options.policy)) {
    throw_user_error("policy '{}': expected random, zero or a run directory", options.policy);
  }
  Run run = open_run(options.policy, "last", options.device);
  return {run.task, Policy{.name = fmt::format("actor@{}", run.env_steps),
                           .agent = run.agent,
                           .repeat = static_cast<int>(run.config.action_repeat)}};
}

void write_shards(const fs::path& directory, std::vector<Episode>& episodes, DatasetResult& result) {
  std::ranges::sort(episodes, {}, &Episode::index);
  int64_t shard = 0;
  for (size_t first = 0; first < episodes.size(); first += kShardEpisodes, ++shard) {
    const size_t end = std::min(first + kShardEpisodes, episodes.size());
    save_episodes(
        directory / fmt::format("shard-{:06}.safetensors", shard),
        {episodes.begin() + static_cast<ptrdiff_t>(first), episodes.begin() + static_cast<ptrdiff_t>(end)});
  }
  for (const Episode& episode : episodes) {
    result.control_steps += episode.length();
    result.diverged += episode.diverged ? 1 : 0;
    result.mean_return += episode.return_sum() / static_cast<double>(episodes.size());
  }
  result.episodes = static_cast<int64_t>(episodes.size());
}

}  // namespace

DatasetResult collect_dataset(const DatasetOptions& options, const fs::path& directory,
                              const std::atomic<bool>* stop) {
  if (options.episodes < 1) throw_user_error("episodes: expected at least 1, found {}", options.episodes);
  if (options.envs < 1) throw_user_error("envs: expected at least 1, found {}", options.envs);
  if (fs::exists(directory) && (!fs::is_directory(directory) || !fs::is_empty(directory))) {
    throw_user_error("{}: already there; a dataset is never overwritten", directory.string());
  }
  const auto [task, policy] = open_policy(options);
  ThreadPool pool(static_cast<int>(options.sim_threads));
  VectorEnv envs(task, static_cast<int>(std::min(options.envs, options.episodes)), options.seed, 0, pool);
  envs.set_recording(true);
  envs.reset();
  std::vector<float> actions(static_cast<size_t>(envs.size()) * task->spec().action_dim);
  std::vector<Episode> episodes;
  while (static_cast<int64_t>(episodes.size()) < options.episodes && (stop == nullptr || !*stop)) {
    policy.act(envs, options.seed, actions);
    envs.step(actions, policy.repeat);
    for (Episode& episode : envs.take_finished()) {
      if (episode.index >= static_cast<uint64_t>(options.episodes)) continue;
      episode.policy = policy.name;
      episodes.push_back(std::move(episode));
    }
  }
  DatasetResult result{.task = task->spec().task, .policy = policy.name};
  fs::create_directories(directory);
  write_shards(directory, episodes, result);
  return result;
}

}  // namespace reverie
