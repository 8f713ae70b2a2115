#include "base/error.h"
#include "training/checkpoint.h"
#include "training/data/episode_source.h"
#include "training/data/shard_window.h"

namespace reverie::training {
namespace {

class FixedSource final : public EpisodeSource {
 public:
  FixedSource(const contract::EnvSpec& spec, const TrainConfig& config, bool keep_between)
      : config_(config), window_(spec, config, keep_between) {}

  void start() override {}
  void resume(const std::filesystem::path& run, const Checkpoint& checkpoint) override;
  void save(Checkpoint& checkpoint) const override { checkpoint.data_hash = window_.hash(); }
  Round advance() override;
  int64_t step() const override { return updates_; }
  int64_t total() const override { return config_.updates; }
  int64_t env_steps() const override { return 0; }
  const ReplayBuffer& replay() const override { return window_.replay(); }
  policies::RowStatistics row_statistics() const override { return window_.row_statistics(); }
  const RewardSizes& rewards() const override { return window_.rewards(); }
  std::vector<contract::Episode> take_finished() override { return {}; }
  contract::Divergence divergence() const override { return {}; }
  std::map<std::string, double> take_figures(double /*seconds*/) override { return {}; }

 private:
  TrainConfig config_;
  ShardWindow window_;
  int64_t updates_ = 0;
};

void FixedSource::resume(const std::filesystem::path& run, const Checkpoint& checkpoint) {
  if (checkpoint.data_hash != window_.hash()) {
    base::throw_user_error("{}: the episodes in {} have changed since this run started; start a new run",
                           run.string(), config_.data);
  }
  updates_ = checkpoint.updates;
}

// A round is one update.
Round FixedSource::advance() {
  const int64_t before = updates_;
  if (before < config_.updates) {
    window_.move_to(before);
    ++updates_;
  }
  return {.updates = updates_,
          .progress = static_cast<double>(before) / static_cast<double>(config_.updates),
          .measures = updates_ % config_.log_every == 0 || updates_ == config_.updates,
          .renormalises = before == 0};
}

}  // namespace

std::unique_ptr<EpisodeSource> fixed_source(const contract::EnvSpec& spec, const TrainConfig& config,
                                            bool keep_between) {
  return std::make_unique<FixedSource>(spec, config, keep_between);
}

}  // namespace reverie::training
