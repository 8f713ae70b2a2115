#include "training/data/replay_buffer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "base/error.h"

namespace reverie::training {
namespace {

void append_row(std::vector<float>& to, std::span<const float> row, int64_t width, const char* what) {
  if (row.size() != static_cast<size_t>(width)) {
    throw std::logic_error(fmt::format("replay: {} of {} numbers, expected {}", what, row.size(), width));
  }
  to.insert(to.end(), row.begin(), row.end());
}

int64_t memory_of(const std::vector<float>& rows, const std::vector<float>& between) {
  return static_cast<int64_t>((rows.capacity() + between.capacity()) * sizeof(float));
}

}  // namespace

ReplayBuffer::ReplayBuffer(const contract::EnvSpec& spec, int action_repeat, int64_t capacity_steps,
                           double discount, bool keep_between)
    : spec_(spec),
      row_width_(contract::row_width(spec)),
      action_dim_(spec.action_dim),
      action_repeat_(action_repeat),
      capacity_steps_(capacity_steps),
      discount_(discount),
      keeps_between_(keep_between),
      row_(static_cast<size_t>(row_width_)) {
  if (action_repeat < 1)
    base::throw_user_error("action_repeat: expected at least 1, found {}", action_repeat);
  if (capacity_steps < 1)
    base::throw_user_error("replay_steps: expected at least 1, found {}", capacity_steps);
}

void ReplayBuffer::begin(int stream, uint64_t index, std::span<const float> first_observation) {
  if (streams_.contains(stream))
    throw std::logic_error(fmt::format("replay: stream {} has a running episode", stream));
  const size_t at = position(index);
  if (at < episodes_.size() && episodes_[at].index == index)
    throw std::logic_error(fmt::format("replay: episode {} is already held", index));
  StoredEpisode& episode = *episodes_.emplace(episodes_.begin() + static_cast<std::ptrdiff_t>(at));
  episode.index = index;
  unspilled_ = std::min(unspilled_, at);
  append_row(episode.rows, first_observation, row_width_, "observation");
  streams_[stream].index = index;
  indexed_ = std::min(indexed_, at);
}

size_t ReplayBuffer::position(uint64_t index) const {
  if (episodes_.empty() || episodes_.back().index < index) return episodes_.size();
  return static_cast<size_t>(std::ranges::lower_bound(episodes_, index, {}, &StoredEpisode::index) -
                             episodes_.begin());
}

// Of an episode on the disk only what is asked for is read.
ReplayBuffer::View ReplayBuffer::view(const StoredEpisode& episode, int64_t first, int64_t last,
                                      Room& room) const {
  if (!episode.spilled) return {episode.rows.data(), episode.between.data(), 0};
  const auto stride = static_cast<uint64_t>(action_dim_ + 1 + row_width_);
  const auto inside = static_cast<uint64_t>(keeps_between_ ? (action_repeat_ - 1) * row_width_ : 0);
  const auto from = static_cast<uint64_t>(first), count = static_cast<uint64_t>(last - first);
  const size_t rows = count * stride + static_cast<uint64_t>(row_width_), between = count * inside;
  room.resize(rows + between);
  const std::span<float> numbers(room);
  const SpilledRows& there = *episode.spilled;
  file_->read(there.offset + from * stride * sizeof(float), numbers.first(rows));
  file_->read(there.offset + (there.rows + from * inside) * sizeof(float), numbers.subspan(rows));
  return {room.data(), room.data() + rows, first};
}

std::span<const float> ReplayBuffer::row(const View& view, int64_t decision) const {
  const int64_t stride = action_dim_ + 1 + row_width_;
  return {view.rows + (decision - view.first) * stride, static_cast<size_t>(row_width_)};
}

std::span<const float> ReplayBuffer::row_between(const View& view, int64_t decision, int64_t k) const {
  return {view.between + ((decision - view.first) * (action_repeat_ - 1) + k) * row_width_,
          static_cast<size_t>(row_width_)};
}

// The row `next` behind the last control step of `fold`, as often as it stands inside its decision.
void ReplayBuffer::keep_between(StoredEpisode& episode, const Stream& fold, std::span<const float> next,
                                bool complete) const {
  const int64_t count = complete ? action_repeat_ - fold.steps : 1;
  for (int64_t k = 0; k < count; ++k) append_row(episode.between, next, row_width_, "observation");
}

void ReplayBuffer::forget(size_t at) {
  forget_rewards(episodes_[at]);
  decisions_ -= episodes_[at].decisions;
  steps_ -= episodes_[at].steps;
  if (const std::optional<SpilledRows>& there = episodes_[at].spilled) {
    file_->forget(there->offset, there->bytes());
    spilled_bytes_ -= static_cast<int64_t>(there->bytes());
  } else if (episodes_[at].ended) {
    finished_bytes_ -= memory_of(episodes_[at].rows, episodes_[at].between);
  }
  if (at < unspilled_) --unspilled_;
  episodes_.erase(episodes_.begin() + static_cast<std::ptrdiff_t>(at));
  // The starts of what lies behind the oldest episode stay right when it goes: they count from it.
  if (at == 0 && indexed_ > 0) {
    --indexed_;
  } else {
    indexed_ = std::min(indexed_, at);
  }
}

void ReplayBuffer::append(int stream, std::span<const float> action, float reward,
                          std::span<const float> next_observation, bool terminated, bool ended) {
  Stream& fold = stream_of(stream);
  const size_t at = position(fold.index);
  StoredEpisode& episode = episodes_[at];
  if (fold.steps == 0) {
    fold.action.clear();
    append_row(fold.action, action, action_dim_, "action");
  }
  fold.reward += reward;
  ++fold.steps;
  ++episode.steps;
  ++steps_;
  episode.terminated = terminated;
  episode.ended = ended || terminated;
  const bool complete = fold.steps == action_repeat_ || episode.ended;
  if (keeps_between_) keep_between(episode, fold, next_observation, complete);
  if (complete) {
    append_row(episode.rows, fold.action, action_dim_, "action");
    episode.rows.push_back(fold.reward);
    fold.sum = discount_ * fold.sum + fold.reward;
    rewards_.add(fold.reward, fold.sum);
    append_row(episode.rows, next_observation, row_width_, "observation");
    fold.reward = 0.0f;
    fold.steps = 0;
    ++episode.decisions;
    ++decisions_;
    indexed_ = std::min(indexed_, at + 1);
  }
  if (episode.ended) {
    episode.rows.shrink_to_fit();
    episode.between.shrink_to_fit();
    streams_.erase(stream);
    finished_bytes_ += memory_of(episode.rows, episode.between);
    unspilled_ = std::min(unspilled_, at);
  }
  evict();
  spill();
}

void ReplayBuffer::discard(int stream) {
  forget(position(stream_of(stream).index));
  streams_.erase(stream);
}

int64_t ReplayBuffer::add(int stream, const contract::Episode& episode) {
  if (!streams_.contains(stream)) begin_with(stream, episode.index, episode);
  const uint64_t index = streams_.at(stream).index;
  if (index != episode.index)
    throw std::logic_error(fmt::format("replay: stream {} runs episode {}, found rows of episode {}", stream,
                                       index, episode.index));
  const int64_t from = episodes_[position(index)].steps;
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

void ReplayBuffer::forget_before(uint64_t index) {
  std::erase_if(streams_, [&](const auto& stream) { return stream.second.index < index; });
  while (!episodes_.empty() && episodes_.front().index < index) forget(0);
}

int64_t ReplayBuffer::bytes() const {
  int64_t all = 0;
  for (const StoredEpisode& episode : episodes_)
    all += static_cast<int64_t>(sizeof(StoredEpisode)) + memory_of(episode.rows, episode.between);
  return all;
}

void ReplayBuffer::spill_beyond(int64_t bytes, std::filesystem::path folder) {
  memory_ = std::max<int64_t>(bytes, 0);
  folder_ = std::move(folder);
  spill();
}

// The oldest first. One that is still running stays, and its turn comes when it has ended.
void ReplayBuffer::spill() {
  for (; finished_bytes_ > memory_ && unspilled_ < episodes_.size(); ++unspilled_) {
    StoredEpisode& episode = episodes_[unspilled_];
    if (!episode.ended || episode.spilled) continue;
    if (!file_) file_ = std::make_unique<base::SpillFile>(folder_);
    const uint64_t offset = file_->append(episode.rows);
    file_->append(episode.between);
    finished_bytes_ -= memory_of(episode.rows, episode.between);
    episode.spilled = SpilledRows{offset, episode.rows.size(), episode.between.size()};
    spilled_bytes_ += static_cast<int64_t>(episode.spilled->bytes());
    episode.rows = std::vector<float>();  // with its room, which {} would keep
    episode.between = std::vector<float>();
  }
}

ReplayBuffer::Stream& ReplayBuffer::stream_of(int stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end())
    throw std::logic_error(fmt::format("replay: stream {} has no running episode", stream));
  return found->second;
}

void ReplayBuffer::forget_rewards(const StoredEpisode& episode) {
  double sum = 0.0;
  Room room;
  const View rows = view(episode, room);
  for (int64_t t = 0; t < episode.decisions; ++t) {
    const float reward = row(rows, t).data()[row_width_ + action_dim_];
    sum = discount_ * sum + reward;
    rewards_.remove(reward, sum);
  }
}

// Stopping at an episode in progress, instead of passing over it, makes what is held a function of the
// episodes alone.
void ReplayBuffer::evict() {
  while (steps_ > capacity_steps_ && episodes_.size() > 1 && episodes_.front().ended) forget(0);
}

void ReplayBuffer::index_starts() const {
  for (; indexed_ < episodes_.size(); ++indexed_) {
    const StoredEpisode* before = indexed_ == 0 ? nullptr : &episodes_[indexed_ - 1];
    episodes_[indexed_].first = before == nullptr ? 0 : before->first + before->decisions;
  }
}

void ReplayBuffer::sample(int64_t horizon, int64_t batch, contract::Rng& rng, SequenceBatch& out) const {
  if (decisions_ == 0) throw std::logic_error("replay: nothing to sample from");
  index_starts();
  const auto size = [&](int64_t rows, int64_t width) { return static_cast<size_t>(rows * batch * width); };
  out.horizon = horizon;
  out.batch = batch;
  out.observations.resize(size(horizon + 1, row_width_));
  out.actions.resize(size(horizon, action_dim_));
  out.rewards.resize(size(horizon, 1));
  out.terminated.resize(size(horizon, 1));
  out.mask.resize(size(horizon, 1));
  out.repeat = keeps_between_ ? action_repeat_ : 0;
  out.between.resize(keeps_between_ ? size(horizon * (action_repeat_ - 1), row_width_) : 0);
  Room room;
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t decision = rng.below(decisions_);
    const int64_t wanted = episodes_.front().first + decision;
    const StoredEpisode& episode =
        *(std::ranges::upper_bound(episodes_, wanted, {}, &StoredEpisode::first) - 1);
    const int64_t start = wanted - episode.first;
    const View rows = view(episode, start, std::min(start + horizon, episode.decisions), room);
    copy_sequence(episode, rows, start, b, out);
    if (keeps_between_) copy_between(episode, rows, start, b, out);
  }
}

void ReplayBuffer::copy_sequence(const StoredEpisode& episode, const View& view, int64_t start,
                                 int64_t column, SequenceBatch& out) const {
  const int64_t last = episode.decisions;
  for (int64_t h = 0; h <= out.horizon; ++h) {
    std::ranges::copy(row(view, std::min(start + h, last)),
                      out.observations.begin() + (h * out.batch + column) * row_width_);
  }
  for (int64_t h = 0; h < out.horizon; ++h) {
    const int64_t t = start + h;
    const int64_t cell = h * out.batch + column;
    const bool taken = t < last;
    const auto action = out.actions.begin() + cell * action_dim_;
    if (taken) {
      const float* decision = row(view, t).data() + row_width_;
      std::copy_n(decision, action_dim_, action);
      out.rewards[cell] = decision[action_dim_];
    } else {
      std::fill_n(action, action_dim_, 0.0f);
      out.rewards[cell] = 0.0f;
    }
    out.terminated[cell] = taken && t == last - 1 && episode.terminated ? 1.0f : 0.0f;
    out.mask[cell] = taken ? 1.0f : 0.0f;
  }
}

void ReplayBuffer::copy_between(const StoredEpisode& episode, const View& view, int64_t start, int64_t column,
                                SequenceBatch& out) const {
  const int64_t last = episode.decisions, inside = action_repeat_ - 1;
  for (int64_t h = 0; h < out.horizon; ++h) {
    for (int64_t k = 0; k < inside; ++k) {
      const bool taken = start + h < last;
      std::ranges::copy(taken ? row_between(view, start + h, k) : row(view, last),
                        out.between.begin() + ((h * inside + k) * out.batch + column) * row_width_);
    }
  }
}

// Of an episode that its end cut inside a decision only so many control steps count as were made.
void ReplayBuffer::sample_transitions(policies::RowStatistics& out) const {
  const auto made = [&](const StoredEpisode& episode) {
    return std::min(episode.steps, episode.decisions * action_repeat_);
  };
  int64_t total = 0;
  for (const StoredEpisode& episode : episodes_) total += made(episode);
  const int64_t count = std::min(total, kSampled);
  int64_t taken = 0, before = 0;  // control steps before `episode`
  Room room;
  for (const StoredEpisode& episode : episodes_) {
    const View rows = view(episode, room);
    for (; taken < count && taken * total / count < before + made(episode); ++taken) {
      const int64_t step = taken * total / count - before, t = step / action_repeat_,
                    k = step % action_repeat_;
      const auto from = k == 0 ? row(rows, t) : row_between(rows, t, k - 1);
      const auto to = k + 1 == action_repeat_ ? row(rows, t + 1) : row_between(rows, t, k);
      out.sample.insert(out.sample.end(), from.begin(), from.end());
      out.sample_next.insert(out.sample_next.end(), to.begin(), to.end());
    }
    before += made(episode);
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
  Room room;
  const auto each = [&](const auto& f) {
    for (const StoredEpisode& episode : episodes_) {
      const View rows = view(episode, room);
      for (int64_t t = 0; t < episode.decisions; ++t) {
        const std::span<const float> values = row(rows, t), next = row(rows, t + 1);
        for (size_t k = 0; k < width; ++k) f(k, values[k], next[k]);
      }
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
  if (keeps_between_) sample_transitions(out);
  return out;
}

}  // namespace reverie::training
