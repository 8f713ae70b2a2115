#include "training/data/dataset.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "contract/episode_store.h"
#include "contract/rng.h"
#include "sim/task/task.h"
#include "sim/vector_env.h"
#include "training/run.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

constexpr size_t kShardEpisodes = 16;

// Who acts: random, zero, or an agent.
struct Policy {
  std::string name;
  std::shared_ptr<policies::Agent> agent;  // null for random and zero
  bool explore = false;                    // sampled instead of mean actions of the agent
  int repeat = 1;                          // control steps per decision

  void act(const sim::VectorEnv& envs, uint64_t seed, std::vector<float>& actions) const;
};

void Policy::act(const sim::VectorEnv& envs, uint64_t seed, std::vector<float>& actions) const {
  std::vector<contract::DrawKey> keys;
  keys.reserve(envs.size());
  for (int i = 0; i < envs.size(); ++i)
    keys.push_back({seed, envs.episode_indices()[i], static_cast<uint64_t>(envs.steps()[i] / repeat)});
  if (agent != nullptr) {
    explore ? agent->explore(envs.observations(), keys, actions) : agent->act(envs.observations(), actions);
    return;
  }
  const contract::EnvSpec& spec = envs.spec();
  for (int i = 0; i < envs.size(); ++i) {
    contract::Rng rng(seed, keys[i].episode, contract::Stream::kPolicy, keys[i].decision);
    for (int j = 0; j < spec.action_dim; ++j) {
      const float low = spec.action_low[j], high = spec.action_high[j];
      float& action = actions[static_cast<size_t>(i) * spec.action_dim + j];
      action = name == "zero" ? std::clamp(0.0f, low, high) : static_cast<float>(rng.uniform(low, high));
    }
  }
}

bool is_scripted(const std::string& policy) { return policy == "random" || policy == "zero"; }

// The run and checkpoint that "RUN" or "RUN@CHECKPOINT" names.
Run open_policy_run(const std::string& text, const std::string& device) {
  if (fs::exists(text)) return open_run(text, "last", device);
  const size_t at = text.rfind('@');
  if (at == std::string::npos || !fs::exists(text.substr(0, at))) {
    base::throw_user_error("policy '{}': expected random, zero, a run directory or RUN@CHECKPOINT", text);
  }
  return open_run(text.substr(0, at), text.substr(at + 1), device);
}

// The task, and its policies as `options` names them.
std::pair<std::shared_ptr<const sim::Task>, std::vector<Policy>> open_policies(
    const DatasetOptions& options) {
  std::shared_ptr<const sim::Task> task;
  std::vector<Policy> policies;
  for (const std::string& text : options.policies) {
    Policy policy{.name = text,
                  .agent = nullptr,
                  .explore = options.explore,
                  .repeat = static_cast<int>(options.action_repeat)};
    if (!is_scripted(text)) {
      const Run run = open_policy_run(text, options.device);
      if (task != nullptr && task->spec().hash != run.task->spec().hash) {
        base::throw_user_error(
            "policy '{}': its task is {} (hash {}), that of the policies before it {} (hash {})", text,
            run.task->spec().task, run.task->spec().hash, task->spec().task, task->spec().hash);
      }
      task = run.task;
      policy.name = fmt::format("actor@{}", std::stoll(run.checkpoint));
      policy.agent = run.agent;
      policy.repeat = static_cast<int>(run.config.action_repeat);
    }
    policies.push_back(std::move(policy));
  }
  if (task == nullptr) task = sim::Task::load(options.task);
  return {task, std::move(policies)};
}

void check_options(const DatasetOptions& options, const fs::path& directory) {
  if (options.policies.empty()) base::throw_user_error("policy: expected at least one");
  const auto policies = static_cast<int64_t>(options.policies.size());
  if (options.episodes < policies)
    base::throw_user_error("episodes: expected at least {}, one a policy, found {}", policies,
                           options.episodes);
  if (options.envs < 1) base::throw_user_error("envs: expected at least 1, found {}", options.envs);
  if (options.action_repeat < 1)
    base::throw_user_error("action_repeat: expected at least 1, found {}", options.action_repeat);
  if (fs::exists(directory) && (!fs::is_directory(directory) || !fs::is_empty(directory))) {
    base::throw_user_error("{}: already there; a dataset is never overwritten", directory.string());
  }
}

// Episodes first .. end-1 by `policy`, ordered by index; fewer when `stop` becomes true.
std::vector<contract::Episode> play(const std::shared_ptr<const sim::Task>& task, const Policy& policy,
                                    uint64_t first, uint64_t end, const DatasetOptions& options,
                                    base::ThreadPool& pool, const std::atomic<bool>* stop) {
  const auto count = static_cast<int64_t>(end - first);
  sim::VectorEnv envs(task, static_cast<int>(std::min(options.envs, count)), options.seed, first, pool);
  envs.set_recording(true);
  envs.reset();
  std::vector<float> actions(static_cast<size_t>(envs.size()) * task->spec().action_dim);
  std::vector<contract::Episode> episodes;
  while (static_cast<int64_t>(episodes.size()) < count && (stop == nullptr || !*stop)) {
    policy.act(envs, options.seed, actions);
    envs.step(actions, policy.repeat);
    for (contract::Episode& episode : envs.take_finished()) {
      if (episode.index >= end) continue;
      episode.policy = policy.name;
      episodes.push_back(std::move(episode));
    }
  }
  std::ranges::sort(episodes, {}, &contract::Episode::index);
  return episodes;
}

void write_shards(const fs::path& directory, const std::vector<contract::Episode>& episodes,
                  DatasetResult& result) {
  int64_t shard = 0;
  for (size_t first = 0; first < episodes.size(); first += kShardEpisodes, ++shard) {
    const size_t end = std::min(first + kShardEpisodes, episodes.size());
    contract::save_episodes(
        directory / fmt::format("shard-{:06}.safetensors", shard),
        {episodes.begin() + static_cast<ptrdiff_t>(first), episodes.begin() + static_cast<ptrdiff_t>(end)});
  }
  for (const contract::Episode& episode : episodes) {
    result.control_steps += episode.length();
    result.diverged += episode.diverged ? 1 : 0;
    result.mean_return += episode.return_sum() / static_cast<double>(episodes.size());
  }
  result.episodes = static_cast<int64_t>(episodes.size());
}

}  // namespace

DatasetResult collect_dataset(const DatasetOptions& options, const fs::path& directory,
                              const std::atomic<bool>* stop) {
  check_options(options, directory);
  const auto [task, policies] = open_policies(options);
  base::ThreadPool pool(static_cast<int>(options.sim_threads));
  DatasetResult result{.task = task->spec().task, .policies = {}};
  std::vector<contract::Episode> episodes;
  const auto total = static_cast<uint64_t>(options.episodes), count = static_cast<uint64_t>(policies.size());
  for (uint64_t i = 0; i < count; ++i) {
    std::vector<contract::Episode> played =
        play(task, policies[i], i * total / count, (i + 1) * total / count, options, pool, stop);
    PolicyResult& entry = result.policies.emplace_back(policies[i].name);
    entry.episodes = static_cast<int64_t>(played.size());
    for (contract::Episode& episode : played) {
      entry.mean_return += episode.return_sum() / static_cast<double>(played.size());
      episodes.push_back(std::move(episode));
    }
  }
  fs::create_directories(directory);
  write_shards(directory, episodes, result);
  return result;
}

}  // namespace reverie::training
