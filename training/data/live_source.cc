#include <algorithm>
#include <utility>

#include "base/error.h"
#include "contract/episode_store.h"
#include "report/statistics.h"
#include "training/checkpoint.h"
#include "training/data/collector.h"
#include "training/data/episode_source.h"

namespace reverie::training {
namespace {

class LiveSource final : public EpisodeSource {
 public:
  LiveSource(const std::shared_ptr<const sim::Task>& task, const TrainConfig& config,
             const TrainingPolicies& policies, base::ThreadPool& pool)
      : config_(config),
        policies_(policies),
        replay_(task->spec(), static_cast<int>(config.action_repeat), config.replay_steps,
                config.learner.discount, policies.learning != nullptr && policies.learning->reads_states()),
        collector_(task, config, pool, replay_, *policies.random) {}

  void start() override { collector_.start(); }
  void spill_beyond(double megabytes, const std::filesystem::path& folder) override {
    replay_.spill_beyond(static_cast<int64_t>(megabytes * 1024.0 * 1024.0), folder);
  }
  void resume(const std::filesystem::path& run, const Checkpoint& checkpoint) override;
  void save(Checkpoint& checkpoint) const override;
  Round advance() override;
  int64_t step() const override { return env_steps_; }
  int64_t total() const override { return config_.env_steps; }
  int64_t env_steps() const override { return env_steps_; }
  const ReplayBuffer& replay() const override { return replay_; }
  std::vector<contract::Episode> take_finished() override { return std::exchange(finished_, {}); }
  contract::Divergence divergence() const override { return collector_.divergence(); }
  std::map<std::string, double> take_figures(double seconds) override;

 private:
  void collect();
  bool has_doubled_since(int64_t before) const;
  int64_t owed_updates() const;

  TrainConfig config_;
  const TrainingPolicies& policies_;
  ReplayBuffer replay_;
  Collector collector_;
  int64_t env_steps_ = 0, resumed_at_ = 0;
  std::vector<contract::Episode> finished_;  // since take_finished()
  std::vector<double> returns_;              // of episodes finished since take_figures()
  // Sums of each reward term of the same episodes, of tasks with more than one.
  std::map<std::string, std::vector<double>> terms_;
};

void LiveSource::resume(const std::filesystem::path& run, const Checkpoint& checkpoint) {
  if (!checkpoint.has_environment()) {
    base::throw_user_error("{}: its checkpoint is of a run that learns from a dataset; start a new run",
                           run.string());
  }
  for (int64_t shard = 0; shard < checkpoint.shards; ++shard)
    collector_.refill(contract::load_episodes(shard_path(run, shard)));
  collector_.resume(checkpoint.running);
  env_steps_ = resumed_at_ = checkpoint.env_steps;
}

void LiveSource::save(Checkpoint& checkpoint) const {
  checkpoint.env_steps = env_steps_;
  checkpoint.running = collector_.running();
}

Round LiveSource::advance() {
  const int64_t before = env_steps_;
  if (env_steps_ < config_.env_steps) collect();
  return {.updates = owed_updates(),
          .progress = static_cast<double>(env_steps_) / static_cast<double>(config_.env_steps),
          .measures = true,
          .renormalises = has_doubled_since(before)};
}

void LiveSource::collect() {
  policies_.refresh();
  collector_.act_by(env_steps_ < config_.random_steps ? *policies_.random : *policies_.collecting);
  env_steps_ += collector_.step();
  for (contract::Episode& episode : collector_.take_finished()) {
    returns_.push_back(episode.return_sum());
    const std::vector<std::string>& terms = episode.reward_term_names.list();
    for (size_t r = 0; r < terms.size() && terms.size() > 1; ++r)
      terms_["episode/reward/" + terms[r]].push_back(episode.reward_term_sum(r));
    finished_.push_back(std::move(episode));
  }
}

// True when the steps since `before` have ended the random phase, or doubled the data since then or since the
// last doubling.
bool LiveSource::has_doubled_since(int64_t before) const {
  int64_t threshold = std::max<int64_t>(1, config_.random_steps);
  while (threshold <= before) threshold *= 2;
  return env_steps_ >= threshold;
}

int64_t LiveSource::owed_updates() const {
  if (env_steps_ < config_.random_steps) return 0;
  return static_cast<int64_t>(config_.updates_per_decision * static_cast<double>(env_steps_) /
                              static_cast<double>(config_.action_repeat));
}

std::map<std::string, double> LiveSource::take_figures(double seconds) {
  std::map<std::string, double> figures;
  if (!returns_.empty()) figures["train/return"] = report::mean(returns_);
  for (const auto& [name, sums] : terms_) figures[name] = report::mean(sums);
  returns_.clear();
  terms_.clear();
  figures["train/episodes"] = static_cast<double>(collector_.divergence().episodes);
  figures["train/diverged_episodes"] = static_cast<double>(collector_.divergence().diverged);
  figures["time/env_steps_per_second"] = static_cast<double>(env_steps_ - resumed_at_) / seconds;
  return figures;
}

}  // namespace

std::unique_ptr<EpisodeSource> live_source(const std::shared_ptr<const sim::Task>& task,
                                           const TrainConfig& config, const TrainingPolicies& policies,
                                           base::ThreadPool& pool) {
  return std::make_unique<LiveSource>(task, config, policies, pool);
}

}  // namespace reverie::training
