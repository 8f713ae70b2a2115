#include "training/data/collector.h"

#include <utility>

#include "base/error.h"

namespace reverie::training {

Collector::Collector(const std::shared_ptr<const sim::Task>& task, const TrainConfig& config,
                     base::ThreadPool& pool, ReplayBuffer& replay, contract::Policy& policy)
    : envs_(task, static_cast<int>(config.envs), static_cast<uint64_t>(config.seed), 0, pool),
      rows_(envs_, static_cast<int>(config.action_repeat), static_cast<uint64_t>(config.seed),
            sim::DrawBy::kEpisode),
      driver_(rows_, policy),
      replay_(replay) {
  envs_.set_recording(true);
}

void Collector::start() {
  envs_.reset();
  for (int i = 0; i < envs_.size(); ++i) replay_.add(i, envs_.running(i));
}

void Collector::refill(const std::vector<contract::Episode>& finished) {
  for (const contract::Episode& episode : finished) {
    divergence_.add(episode);
    if (!episode.diverged) replay_.add(0, episode);
  }
}

void Collector::resume(const std::vector<contract::Episode>& running) {
  if (running.size() != static_cast<size_t>(envs_.size())) {
    base::throw_user_error("checkpoint: {} running episodes, expected {} (envs)", running.size(),
                           envs_.size());
  }
  for (int i = 0; i < envs_.size(); ++i) {
    envs_.resume(i, running[i]);
    replay_.add(i, running[i]);
  }
}

void Collector::act_by(contract::Policy& policy) {
  if (&policy != &driver_.policy()) driver_.begin(policy);
}

int64_t Collector::step() {
  driver_.step();
  std::vector<contract::Episode> ended = envs_.take_finished();
  for (contract::Episode& episode : ended) {
    const int stream = static_cast<int>(episode.index % envs_.size());
    divergence_.add(episode);
    replay_.add(stream, episode);
    episode.policy = "training";
    finished_.push_back(std::move(episode));
  }
  for (int i = 0; i < envs_.size(); ++i) replay_.add(i, envs_.running(i));
  return envs_.control_steps();
}

std::vector<contract::Episode> Collector::take_finished() { return std::exchange(finished_, {}); }

std::vector<contract::Episode> Collector::running() const {
  std::vector<contract::Episode> out;
  out.reserve(envs_.size());
  for (int i = 0; i < envs_.size(); ++i) out.push_back(envs_.running(i));
  return out;
}

const contract::Divergence& Collector::divergence() const { return divergence_; }

}  // namespace reverie::training
