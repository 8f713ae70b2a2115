#include "training/data/collector.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/error.h"
#include "policies/exploration_noise.h"

namespace reverie::training {

contract::EnvSpec replay_spec(const contract::EnvSpec& spec) {
  contract::EnvSpec rows = spec;
  rows.observation_dim = spec.observation_dim + contract::state_feature_dim(spec);
  return rows;
}

Collector::Collector(const std::shared_ptr<const sim::Task>& task, const TrainConfig& config,
                     base::ThreadPool& pool, ReplayBuffer& replay)
    : config_(config),
      envs_(task, static_cast<int>(config.envs), static_cast<uint64_t>(config.seed), 0, pool),
      replay_(replay),
      think_(policies::parse_think(config.collect_think)),
      actions_(config.envs * envs_.spec().action_dim),
      row_(replay_spec(envs_.spec()).observation_dim),
      keys_(config.envs),
      fed_(config.envs, 0) {
  envs_.set_recording(true);
}

void Collector::start() {
  envs_.reset();
  for (int i = 0; i < envs_.size(); ++i) begin(i, envs_.running(i));
}

void Collector::resume(const std::vector<contract::Episode>& finished,
                       const std::vector<contract::Episode>& running) {
  if (running.size() != static_cast<size_t>(envs_.size())) {
    base::throw_user_error("checkpoint: {} running episodes, expected {} (envs)", running.size(),
                           envs_.size());
  }
  for (const contract::Episode& episode : finished) {
    if (episode.diverged) {
      ++diverged_;
      continue;
    }
    begin(0, episode);
    feed(0, episode);
  }
  for (int i = 0; i < envs_.size(); ++i) {
    envs_.resume(i, running[i]);
    begin(i, running[i]);
    feed(i, running[i]);
  }
}

int64_t Collector::step(policies::Agent& agent, bool random) {
  choose_actions(agent, random);
  envs_.step(actions_, static_cast<int>(config_.action_repeat));
  std::vector<contract::Episode> ended = envs_.take_finished();
  int64_t steps = 0;
  for (contract::Episode& episode : ended) {
    const int stream = static_cast<int>(episode.index % envs_.size());
    steps += feed(stream, episode);
    episode.policy = "training";
    finished_.push_back(std::move(episode));
  }
  for (int i = 0; i < envs_.size(); ++i) {
    if (envs_.running(i).length() == 0) {
      begin(i, envs_.running(i));
    } else {
      steps += feed(i, envs_.running(i));
    }
  }
  return steps;
}

void Collector::choose_actions(policies::Agent& agent, bool random) {
  const contract::EnvSpec& spec = envs_.spec();
  for (int i = 0; i < envs_.size(); ++i) {
    keys_[i] = {static_cast<uint64_t>(config_.seed), envs_.episode_indices()[i],
                static_cast<uint64_t>(envs_.steps()[i] / config_.action_repeat)};
  }
  if (!random) {
    explore(agent);
    return;
  }
  std::vector<float> noise(spec.action_dim);
  for (int i = 0; i < envs_.size(); ++i) {
    policies::exploration_noise(keys_[i], config_.learner.noise_octaves, noise);
    for (int a = 0; a < spec.action_dim; ++a) {
      const double share = 0.5 * std::erfc(-noise[a] / std::numbers::sqrt2);  // uniform in (0, 1)
      actions_[i * spec.action_dim + a] =
          static_cast<float>(std::lerp(spec.action_low[a], spec.action_high[a], share));
    }
  }
}

void Collector::explore(policies::Agent& agent) {
  const auto planned = [&](const contract::DrawKey& key) { return is_planned(key.episode); };
  if (!std::ranges::all_of(keys_, planned)) agent.explore(envs_.observations(), keys_, actions_);
  const auto width = static_cast<size_t>(envs_.spec().observation_dim),
             action_dim = static_cast<size_t>(envs_.spec().action_dim);
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (!planned(keys_[i])) continue;
    planner(agent).explore(envs_.observations().subspan(i * width, width), std::span(keys_).subspan(i, 1),
                           std::span(actions_).subspan(i * action_dim, action_dim));
  }
}

// Evenly spread: of any n episodes in a row, n * planned_share are planned, rounded up or down.
bool Collector::is_planned(uint64_t episode) const {
  if (think_ == policies::Think::kActor) return false;
  const auto planned_before = [&](uint64_t n) {
    return std::floor(static_cast<double>(n) * config_.planned_share);
  };
  return planned_before(episode + 1) > planned_before(episode);
}

policies::Planner& Collector::planner(policies::Agent& agent) {
  if (!planner_) {
    policies::PlannerConfig config;
    config.uncertainty_weight = config_.collect_curiosity;
    planner_.emplace(agent.shared_from_this(), think_, config, config_.learner.discount);
  }
  return *planner_;
}

void Collector::begin(int stream, const contract::Episode& episode) {
  fed_[stream] = 0;
  contract::observation_and_features(envs_.spec(), episode, 0, row_);
  replay_.begin(stream, episode.index, row_);
}

int64_t Collector::feed(int stream, const contract::Episode& episode) {
  const int64_t from = fed_[stream];
  for (int64_t t = from; t < episode.length(); ++t) {
    const bool last = t + 1 == episode.length();
    contract::observation_and_features(envs_.spec(), episode, t + 1, row_);
    replay_.append(stream, episode.action(t), episode.rewards[t], row_, last && episode.terminated,
                   last && episode.truncated);
  }
  if (episode.diverged) {
    replay_.discard(stream);
    ++diverged_;
  }
  fed_[stream] = episode.length();
  return episode.length() - from;
}

std::vector<contract::Episode> Collector::take_finished() { return std::exchange(finished_, {}); }

std::vector<contract::Episode> Collector::running() const {
  std::vector<contract::Episode> out;
  out.reserve(envs_.size());
  for (int i = 0; i < envs_.size(); ++i) out.push_back(envs_.running(i));
  return out;
}

int64_t Collector::diverged() const { return diverged_; }

}  // namespace reverie::training
