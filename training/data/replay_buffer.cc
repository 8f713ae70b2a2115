#include "training/data/replay_buffer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "base/error.h"

namespace reverie::training {
namespace {

void append_row(std::vector<float>& to, std::span<const float> row, int64_t width, const char* what) {
  if (row.size() != static_cast<size_t>(width)) {
    throw std::logic_error(fmt::format("replay: {} of {} numbers, expected {}", what, row.size(), width));
  }
  to.insert(to.end(), row.begin(), row.end());
}

}  // namespace

ReplayBuffer::ReplayBuffer(const contract::EnvSpec& spec, int action_repeat, int64_t capacity_steps,
                           double discount)
    : spec_(spec),
      row_width_(contract::row_width(spec)),
      action_dim_(spec.action_dim),
      action_repeat_(action_repeat),
      capacity_steps_(capacity_steps),
      discount_(discount),
      row_(static_cast<size_t>(row_width_)) {
  if (action_repeat < 1)
    base::throw_user_error("action_repeat: expected at least 1, found {}", action_repeat);
  if (capacity_steps < 1)
    base::throw_user_error("replay_steps: expected at least 1, found {}", capacity_steps);
  episode_decisions_ = (spec.episode_steps + action_repeat - 1) / action_repeat;
}

void ReplayBuffer::begin(int stream, uint64_t index, std::span<const float> first_observation) {
  if (streams_.contains(stream))
    throw std::logic_error(fmt::format("replay: stream {} has a running episode", stream));
  const auto [place, fresh] = episodes_.try_emplace(index);
  if (!fresh) throw std::logic_error(fmt::format("replay: episode {} is already held", index));
  Stored& episode = place->second;
  episode.observations.reserve(static_cast<size_t>((episode_decisions_ + 1) * row_width_));
  episode.actions.reserve(static_cast<size_t>(episode_decisions_ * action_dim_));
  episode.rewards.reserve(static_cast<size_t>(episode_decisions_));
  append_row(episode.observations, first_observation, row_width_, "observation");
  streams_[stream] = index;
  indexed_ = false;
}

void ReplayBuffer::append(int stream, std::span<const float> action, float reward,
                          std::span<const float> next_observation, bool terminated, bool ended) {
  Stored& episode = running(stream);
  if (episode.fold_steps == 0) {
    episode.fold_action.clear();
    append_row(episode.fold_action, action, action_dim_, "action");
  }
  episode.fold_reward += reward;
  ++episode.fold_steps;
  ++episode.steps;
  ++steps_;
  episode.terminated = terminated;
  episode.ended = ended || terminated;
  if (episode.fold_steps == action_repeat_ || episode.ended) {
    append_row(episode.observations, next_observation, row_width_, "observation");
    append_row(episode.actions, episode.fold_action, action_dim_, "action");
    episode.rewards.push_back(episode.fold_reward);
    episode.sum = discount_ * episode.sum + episode.fold_reward;
    rewards_.add(episode.fold_reward, episode.sum);
    episode.fold_reward = 0.0f;
    episode.fold_steps = 0;
    ++decisions_;
    indexed_ = false;
  }
  if (episode.ended) streams_.erase(stream);
  evict();
}

void ReplayBuffer::discard(int stream) {
  const Stored& episode = running(stream);
  forget_rewards(episode);
  decisions_ -= episode.decisions();
  steps_ -= episode.steps;
  episodes_.erase(streams_.at(stream));
  streams_.erase(stream);
  indexed_ = false;
}

int64_t ReplayBuffer::add(int stream, const contract::Episode& episode) {
  if (!streams_.contains(stream)) begin_with(stream, episode.index, episode);
  if (streams_.at(stream) != episode.index)
    throw std::logic_error(fmt::format("replay: stream {} runs episode {}, found rows of episode {}", stream,
                                       streams_.at(stream), episode.index));
  const int64_t from = running(stream).steps;
  append_from(stream, from, episode, episode.truncated && !episode.diverged);
  if (episode.diverged) discard(stream);
  return episode.length() - from;
}

void ReplayBuffer::add_whole(uint64_t index, const contract::Episode& episode) {
  if (episode.diverged) throw std::logic_error(fmt::format("replay: episode {} diverged", episode.index));
  constexpr int kOwnStream = -1;
  begin_with(kOwnStream, index, episode);
  append_from(kOwnStream, 0, episode, true);
}

void ReplayBuffer::begin_with(int stream, uint64_t index, const contract::Episode& episode) {
  contract::observation_and_features(spec_, episode, 0, row_);
  begin(stream, index, row_);
}

void ReplayBuffer::append_from(int stream, int64_t from, const contract::Episode& episode, bool closes) {
  for (int64_t t = from; t < episode.length(); ++t) {
    const bool last = t + 1 == episode.length();
    contract::observation_and_features(spec_, episode, t + 1, row_);
    append(stream, episode.action(t), episode.rewards[t], row_,
           last && episode.terminated && !episode.diverged, last && closes);
  }
}

ReplayBuffer::Stored& ReplayBuffer::running(int stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end())
    throw std::logic_error(fmt::format("replay: stream {} has no running episode", stream));
  return episodes_.at(found->second);
}

void ReplayBuffer::forget_rewards(const Stored& episode) {
  double sum = 0.0;
  for (const float reward : episode.rewards) {
    sum = discount_ * sum + reward;
    rewards_.remove(reward, sum);
  }
}

// Stopping at an episode in progress, instead of passing over it, makes what is held a function of the
// episodes alone.
void ReplayBuffer::evict() {
  while (steps_ > capacity_steps_ && episodes_.size() > 1 && episodes_.begin()->second.ended) {
    const Stored& oldest = episodes_.begin()->second;
    forget_rewards(oldest);
    decisions_ -= oldest.decisions();
    steps_ -= oldest.steps;
    episodes_.erase(episodes_.begin());
    indexed_ = false;
  }
}

void ReplayBuffer::index_starts() const {
  order_.clear();
  first_.clear();
  int64_t count = 0;
  for (const auto& [index, episode] : episodes_) {
    if (episode.decisions() == 0) continue;
    order_.push_back(&episode);
    first_.push_back(count);
    count += episode.decisions();
  }
  indexed_ = true;
}

void ReplayBuffer::sample(int64_t horizon, int64_t batch, contract::Rng& rng, SequenceBatch& out) const {
  if (decisions_ == 0) throw std::logic_error("replay: nothing to sample from");
  if (!indexed_) index_starts();
  const auto size = [&](int64_t rows, int64_t width) { return static_cast<size_t>(rows * batch * width); };
  out.horizon = horizon;
  out.batch = batch;
  out.observations.resize(size(horizon + 1, row_width_));
  out.actions.resize(size(horizon, action_dim_));
  out.rewards.resize(size(horizon, 1));
  out.terminated.resize(size(horizon, 1));
  out.mask.resize(size(horizon, 1));
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t decision = rng.below(decisions_);
    const auto place = std::ranges::upper_bound(first_, decision) - first_.begin() - 1;
    copy_sequence(*order_[place], decision - first_[place], b, out);
  }
}

void ReplayBuffer::copy_sequence(const Stored& episode, int64_t start, int64_t column,
                                 SequenceBatch& out) const {
  const int64_t last = episode.decisions();
  for (int64_t h = 0; h <= out.horizon; ++h) {
    const int64_t t = std::min(start + h, last);
    std::copy_n(episode.observations.begin() + t * row_width_, row_width_,
                out.observations.begin() + (h * out.batch + column) * row_width_);
  }
  for (int64_t h = 0; h < out.horizon; ++h) {
    const int64_t t = start + h;
    const int64_t cell = h * out.batch + column;
    const bool taken = t < last;
    const auto action = out.actions.begin() + cell * action_dim_;
    if (taken) {
      std::copy_n(episode.actions.begin() + t * action_dim_, action_dim_, action);
    } else {
      std::fill_n(action, action_dim_, 0.0f);
    }
    out.rewards[cell] = taken ? episode.rewards[t] : 0.0f;
    out.terminated[cell] = taken && t == last - 1 && episode.terminated ? 1.0f : 0.0f;
    out.mask[cell] = taken ? 1.0f : 0.0f;
  }
}

policies::RowStatistics ReplayBuffer::row_statistics() const {
  const auto width = static_cast<size_t>(row_width_);
  const auto count = static_cast<double>(std::max<int64_t>(decisions_, 1));
  std::vector<double> sum(width), squares(width), changes(width);
  policies::RowStatistics out;
  out.low.assign(width, decisions_ > 0 ? std::numeric_limits<float>::max() : 0.0F);
  out.high.assign(width, decisions_ > 0 ? std::numeric_limits<float>::lowest() : 0.0F);
  // f(entry of the row, the number, the same entry behind the decision)
  const auto each = [&](const auto& f) {
    for (const auto& [index, episode] : episodes_) {
      for (int64_t i = 0; i < episode.decisions() * row_width_; ++i)
        f(static_cast<size_t>(i % row_width_), episode.observations[i], episode.observations[i + row_width_]);
    }
  };
  each([&](size_t k, float value, float next) {
    sum[k] += value;
    changes[k] += (static_cast<double>(next) - value) * (static_cast<double>(next) - value);
    out.low[k] = std::min({out.low[k], value, next});
    out.high[k] = std::max({out.high[k], value, next});
  });
  for (double value : sum) out.mean.push_back(static_cast<float>(value / count));
  each([&](size_t k, float value, float) {
    const double d = static_cast<double>(value) - out.mean[k];
    squares[k] += d * d;
  });
  for (double value : squares) out.deviation.push_back(static_cast<float>(std::sqrt(value / count)));
  for (double value : changes) out.change.push_back(static_cast<float>(std::sqrt(value / count)));
  return out;
}

}  // namespace reverie::training
