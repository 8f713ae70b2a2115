#include "training/data/dataset.h"

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "base/disk_full.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "contract/driver.h"
#include "contract/episode_store.h"
#include "contract/pushed_policy.h"
#include "contract/scripted_policy.h"
#include "policies/actor_policy.h"
#include "sim/task/task.h"
#include "sim/vector_env.h"
#include "sim/vector_env_rows.h"
#include "training/data/dataset_list.h"
#include "training/run.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

constexpr int64_t kShardSteps = 16000;  // control steps after which a shard is full

// The policy of a share of the episodes.
struct Actor {
  std::string name;  // goes into Episode::policy
  std::unique_ptr<contract::Policy> policy;
  int repeat = 1;  // control steps a decision
};

// The run and checkpoint that "RUN" or "RUN@CHECKPOINT" names.
Run open_policy_run(const std::string& text, const std::string& device) {
  const RunName name = split_run_name(text);
  if (!fs::exists(name.run)) {
    base::throw_user_error("policy '{}': expected {}, a run directory or RUN@CHECKPOINT", text,
                           contract::scripted_names());
  }
  return open_run(name.run, name.checkpoint, device);
}

// The runs that `options` names among its policies, in order; none for a scripted policy. All are of one task.
std::vector<std::optional<Run>> open_runs(const DatasetOptions& options) {
  std::vector<std::optional<Run>> runs;
  const Run* first = nullptr;
  runs.reserve(options.policies.size());
  for (const std::string& text : options.policies) {
    runs.emplace_back();
    if (contract::is_scripted(text)) continue;
    const Run& run = runs.back().emplace(open_policy_run(text, options.device));
    if (first == nullptr) first = &run;
    if (first->task->spec().hash != run.task->spec().hash) {
      base::throw_user_error(
          "policy '{}': its task is {} (hash {}), that of the policies before it {} (hash {})", text,
          run.task->spec().task, run.task->spec().hash, first->task->spec().task, first->task->spec().hash);
    }
  }
  return runs;
}

std::shared_ptr<const sim::Task> task_of(const std::vector<std::optional<Run>>& runs,
                                         const std::string& otherwise) {
  std::shared_ptr<const sim::Task> named;
  if (!otherwise.empty()) named = sim::Task::load(otherwise);
  for (const std::optional<Run>& run : runs) {
    if (!run) continue;
    if (named && named->spec().hash != run->task->spec().hash)
      base::throw_user_error("task {} (hash {}): the policy {} is of {} (hash {})", otherwise,
                             named->spec().hash, run->path.string(), run->task->spec().task,
                             run->task->spec().hash);
    return run->task;
  }
  return named ? named : sim::Task::load("dmc/cartpole-swingup");
}

// The task and its policies as `options` names them.
std::pair<std::shared_ptr<const sim::Task>, std::vector<Actor>> open_actors(const DatasetOptions& options) {
  const std::vector<std::optional<Run>> runs = open_runs(options);
  const std::shared_ptr<const sim::Task> task = task_of(runs, options.task);
  std::vector<Actor> actors;
  for (size_t i = 0; i < runs.size(); ++i) {
    const std::string& text = options.policies[i];
    if (const std::optional<Run>& run = runs[i]; run) {
      actors.push_back({fmt::format("actor@{}", std::stoll(run->checkpoint)),
                        options.explore ? policies::exploring_actor_policy(run->agent)
                                        : policies::actor_policy(run->agent),
                        static_cast<int>(run->config.action_repeat)});
    } else {
      actors.push_back({text, contract::scripted_policy(text, task->spec(), contract::Stream::kPolicy),
                        static_cast<int>(options.action_repeat)});
    }
    actors.back().policy = contract::pushed_in_some_episodes(std::move(actors.back().policy), task->spec(),
                                                             options.pushed_share);
  }
  return {task, std::move(actors)};
}

void check_options(const DatasetOptions& options, const fs::path& directory) {
  if (options.policies.empty()) base::throw_user_error("policy: expected at least one");
  const auto policies = static_cast<int64_t>(options.policies.size());
  if (options.episodes < policies)
    base::throw_user_error("episodes: expected at least {}, one a policy, found {}", policies,
                           options.episodes);
  if (options.envs < 1) base::throw_user_error("envs: expected at least 1, found {}", options.envs);
  if (!(options.pushed_share >= 0.0 && options.pushed_share <= 1.0))
    base::throw_user_error("pushed_share: expected 0 to 1, found {}", options.pushed_share);
  if (options.action_repeat < 1)
    base::throw_user_error("action_repeat: expected at least 1, found {}", options.action_repeat);
  if (fs::exists(directory) && (!fs::is_directory(directory) || !fs::is_empty(directory))) {
    base::throw_user_error("{}: already there; a dataset is never overwritten", directory.string());
  }
}

// Writes episodes to shards as they come, in order, so that few are in memory. A shard is written while the next one is
// simulated: a disk that is slow to confirm holds nobody up.
class ShardWriter {
 public:
  explicit ShardWriter(fs::path directory) : directory_(std::move(directory)) {}

  void add(contract::Episode episode) {
    steps_ += episode.length();
    control_steps_ += episode.length();
    divergence_.add(episode);
    returns_.push_back(episode.return_sum());
    shard_.push_back(std::move(episode));
    if (steps_ >= kShardSteps) begin_shard();
  }

  // The last shard, and the list of all.
  void flush() {
    begin_shard();
    finish_writing();
    if (!written_.empty()) save_dataset_list(directory_, written_);
  }

  const std::vector<double>& returns() const { return returns_; }
  const contract::Divergence& divergence() const { return divergence_; }
  int64_t control_steps() const { return control_steps_; }

 private:
  void begin_shard() {
    finish_writing();
    fs::create_directories(directory_);
    steps_ = 0;
    if (shard_.empty()) return;
    const fs::path path = directory_ / fmt::format("shard-{:06}.safetensors", shards_++);
    writing_ = std::async(std::launch::async, [path, shard = std::exchange(shard_, {})] {
      contract::save_episodes(path, shard);
      return std::pair(path.filename().string(), base::file_checksum(path));
    });
  }

  void finish_writing() {
    if (writing_.valid()) written_.insert(writing_.get());
  }

  fs::path directory_;
  std::vector<contract::Episode> shard_;
  std::future<std::pair<std::string, std::string>> writing_;  // its name and checksum
  DatasetList written_;
  int64_t shards_ = 0, steps_ = 0, control_steps_ = 0;
  std::vector<double> returns_;  // of every episode
  contract::Divergence divergence_;
};

// Plays episodes first .. end-1 by `actor` and writes them by index; fewer when `stop` becomes true.
void play(const std::shared_ptr<const sim::Task>& task, const Actor& actor, uint64_t first, uint64_t end,
          const DatasetOptions& options, base::ThreadPool& pool, const base::Stop* stop,
          ShardWriter& writer) {
  const auto count = static_cast<int64_t>(end - first);
  sim::VectorEnv envs(task, static_cast<int>(std::min(options.envs, count)), options.seed, first, pool);
  envs.set_recording(true);
  envs.reset();
  sim::VectorEnvRows rows(envs, actor.repeat, options.seed, sim::DrawBy::kEpisode);
  contract::Driver driver(rows, *actor.policy);
  std::map<uint64_t, contract::Episode> waiting;  // for one of a lower index
  int64_t finished = 0;
  for (uint64_t next = first; finished < count && !base::stopped(stop);) {
    driver.step();
    for (contract::Episode& episode : envs.take_finished()) {
      if (episode.index >= end) continue;
      episode.policy = actor.name;
      waiting.emplace(episode.index, std::move(episode));
      ++finished;
    }
    for (; !waiting.empty() && waiting.begin()->first == next; ++next) {
      writer.add(std::move(waiting.begin()->second));
      waiting.erase(waiting.begin());
    }
  }
  for (auto& [index, episode] : waiting) writer.add(std::move(episode));  // stopped
}

double mean(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value / static_cast<double>(values.size());
  return sum;
}

}  // namespace

DatasetResult collect_dataset(const DatasetOptions& options, const fs::path& directory,
                              const base::Stop* stop) {
  check_options(options, directory);
  const auto [task, actors] = open_actors(options);
  base::ThreadPool pool(static_cast<int>(options.sim_threads));
  DatasetResult result{.task = task->spec().task, .policies = {}};
  ShardWriter writer(directory);
  const auto total = static_cast<uint64_t>(options.episodes), count = static_cast<uint64_t>(actors.size());
  for (uint64_t i = 0; i < count; ++i) {
    const size_t before = writer.returns().size();
    try {
      play(task, actors[i], i * total / count, (i + 1) * total / count, options, pool, stop, writer);
    } catch (const base::DiskFull&) {
      throw;
    } catch (const base::UserError& error) {
      if (writer.returns().empty())
        base::throw_user_error("{}; nothing is written to {}", error.what(), directory.string());
      writer.flush();
      base::throw_user_error("{}; {} holds the {} episodes before", error.what(), directory.string(),
                             writer.returns().size());
    }
    const std::span<const double> returns = std::span(writer.returns()).subspan(before);
    result.policies.push_back({actors[i].name, static_cast<int64_t>(returns.size()), mean(returns)});
  }
  writer.flush();
  result.episodes = static_cast<int64_t>(writer.returns().size());
  result.control_steps = writer.control_steps();
  result.divergence = writer.divergence();
  result.mean_return = mean(writer.returns());
  return result;
}

}  // namespace reverie::training
