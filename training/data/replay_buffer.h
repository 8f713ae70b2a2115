// ReplayBuffer: episodes folded into decisions and sampled as short sequences.
// It holds finished and running episodes in plain buffers, without torch. A row holds what is known at a
// step, O + F numbers: the observation, then qpos and qvel as features.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/spill_file.h"
#include "contract/env_spec.h"
#include "contract/episode.h"
#include "contract/rng.h"
#include "policies/learner.h"
#include "training/data/reward_sizes.h"
#include "training/data/sequence_batch.h"
#include "training/data/stored_episode.h"

namespace reverie::training {

// What is sampled depends only on the episodes held and the Rng, not on the order in which streams delivered
// them: a buffer rebuilt from stored episodes samples the same sequences.
class ReplayBuffer {
 public:
  // `action_repeat` control steps make one decision; beyond `capacity_steps` control steps the episodes of
  // the lowest index go, whole (never one in progress). Throws UserError when either is < 1. `discount` a decision
  // is that of the sums in rewards(). `keep_between` also keeps the rows inside decisions, for models that read states.
  ReplayBuffer(const contract::EnvSpec& spec, int action_repeat, int64_t capacity_steps,
               double discount = 0.97, bool keep_between = false);
  ReplayBuffer(const ReplayBuffer&) = delete;
  ReplayBuffer& operator=(const ReplayBuffer&) = delete;

  // Rows as they come, one stream per environment. begin() opens episode `index` (unique in the buffer) of
  // `stream`; append() adds one control step: action [A], its reward and the row after it [O+F] (the
  // true last one, not that of the next episode). `ended` (also by truncation) or `terminated` closes the
  // episode. Throws std::logic_error when rows come out of order. The action of a decision is that of its
  // first control step.
  void begin(int stream, uint64_t index, std::span<const float> first_observation);
  void append(int stream, std::span<const float> action, float reward,
              std::span<const float> next_observation, bool terminated, bool ended);
  // Forget the running episode of `stream` (diverged physics).
  void discard(int stream);

  // Everything of `episode` that `stream` does not hold yet. An episode that is not running there begins,
  // under episode.index. It closes where it terminated or was truncated and stays open otherwise; one that
  // diverged is discarded. Returns the control steps appended. Throws std::logic_error when the stream
  // runs another episode.
  int64_t add(int stream, const contract::Episode& episode);
  // A whole episode of a dataset, under `index`. It closes behind its last control step, even where its record
  // was cut. Throws std::logic_error when it diverged.
  void add_whole(uint64_t index, const contract::Episode& episode);

  // Forget all episodes of a lower index, running ones too.
  void forget_before(uint64_t index);

  // From now on finished episodes take at most `bytes` of memory: the rows of the oldest ones move to a nameless file in
  // `folder` and are read from there. What is sampled stays the same. append() and sample() then throw UserError, or
  // base::DiskFull, when the disk refuses.
  void spill_beyond(int64_t bytes, std::filesystem::path folder);

  int64_t bytes() const;                                    // memory of the episodes held
  int64_t spilled_bytes() const { return spilled_bytes_; }  // of those held, on the disk
  int64_t decisions() const { return decisions_; }          // complete decisions held: the valid starts
  int64_t steps() const { return steps_; }                  // control steps held
  int64_t episodes() const { return static_cast<int64_t>(episodes_.size()); }

  const RewardSizes& rewards() const { return rewards_; }  // of all decisions held

  // `batch` sequences of `horizon` >= 0 decisions, each starting at a decision drawn uniformly from all held.
  // Throws std::logic_error when the buffer holds none. `out` is reused without allocation. Its cost does not
  // depend on how many episodes there are.
  void sample(int64_t horizon, int64_t batch, contract::Rng& rng, SequenceBatch& out) const;

  // Of all held decisions' first rows, and of the changes from these to the rows behind the decisions. With the rows
  // inside decisions also kSampled of their control steps, evenly taken; all when there are fewer.
  static constexpr int64_t kSampled = 4096;
  policies::RowStatistics row_statistics() const;

 private:
  // What runs in a stream: an episode and the decision that is being folded.
  struct Stream {
    uint64_t index = 0;
    std::vector<float> action;  // [A]
    float reward = 0.0f;
    int steps = 0;
    double sum = 0.0;  // of the episode's rewards, discounted backwards from the last decision
  };

  // Rows 0 .. D of an episode, or some of them, in memory; laid out as in StoredEpisode. Valid until `Room` is used again.
  struct View {
    const float* rows = nullptr;
    const float* between = nullptr;
    int64_t first = 0;  // the decision that both begin with
  };
  using Room = std::vector<float>;  // where rows of the file are read to

  size_t position(uint64_t index) const;  // of the first episode whose index is not below, in episodes_
  Stream& stream_of(int stream);
  View view(const StoredEpisode& episode, int64_t first, int64_t last,
            Room& room) const;  // rows first .. last of 0 .. D
  View view(const StoredEpisode& episode, Room& room) const {
    return view(episode, 0, episode.decisions, room);
  }
  std::span<const float> row(const View& view, int64_t decision) const;  // [O+F], of 0 .. D
  std::span<const float> row_between(const View& view, int64_t decision,
                                     int64_t k) const;  // [O+F], of 0 .. R-2
  void keep_between(StoredEpisode& episode, const Stream& fold, std::span<const float> next,
                    bool complete) const;
  void sample_transitions(policies::RowStatistics& out) const;
  void forget(size_t position);
  void begin_with(int stream, uint64_t index, const contract::Episode& episode);
  // Control steps of `episode` from `from` on; the last one ends the episode when `closes`.
  void append_from(int stream, int64_t from, const contract::Episode& episode, bool closes);
  void forget_rewards(const StoredEpisode& episode);
  void evict();
  void spill();
  void index_starts() const;
  void copy_sequence(const StoredEpisode& episode, const View& view, int64_t start, int64_t column,
                     SequenceBatch& out) const;
  void copy_between(const StoredEpisode& episode, const View& view, int64_t start, int64_t column,
                    SequenceBatch& out) const;

  contract::EnvSpec spec_;
  int64_t row_width_, action_dim_, action_repeat_, capacity_steps_;
  double discount_;
  bool keeps_between_;
  std::vector<float> row_;              // [O+F] scratch
  std::deque<StoredEpisode> episodes_;  // by episode index
  std::map<int, Stream> streams_;       // running episodes
  int64_t decisions_ = 0, steps_ = 0;
  RewardSizes rewards_;

  int64_t memory_ = std::numeric_limits<int64_t>::max();  // bytes for finished episodes
  std::filesystem::path folder_;
  std::unique_ptr<base::SpillFile> file_;  // once something had no room
  int64_t finished_bytes_ = 0, spilled_bytes_ = 0;
  size_t unspilled_ = 0;  // finished episodes before this position are in the file

  // StoredEpisode::first of so many episodes is right. New rows come to the last episodes, so few are counted again.
  mutable size_t indexed_ = 0;
};

}  // namespace reverie::training
