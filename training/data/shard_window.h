// ShardWindow: the part of a dataset that is in memory.
// A dataset that fits is held whole. Of a larger one some shards are held, and they change as updates are made: the
// shards come in a shuffled order, every epoch in another one. What is held follows from the number of updates
// alone, so that a resumed training finds the same; when a shard was read, and by which thread, does not matter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "contract/divergence.h"
#include "contract/env_spec.h"
#include "policies/learner.h"
#include "training/config.h"
#include "training/data/offline_data.h"
#include "training/data/replay_buffer.h"
#include "training/data/reward_sizes.h"

namespace reverie::training {

class ShardWindow {
 public:
  // Reads every shard of config.data once, for its statistics. Throws UserError as load_shard, when there are fewer
  // decisions than in a batch, and when not one shard fits into config.data_memory.
  // `keep_between` as of ReplayBuffer.
  ShardWindow(const contract::EnvSpec& spec, const TrainConfig& config, bool keep_between = false);
  ~ShardWindow();
  ShardWindow(const ShardWindow&) = delete;
  ShardWindow& operator=(const ShardWindow&) = delete;

  // Holds what update number `updates` (from 0) samples from. The next shard is read in the background. Throws
  // UserError when a shard is no longer what it was.
  void move_to(int64_t updates);

  const ReplayBuffer& replay() const { return replay_; }  // what is held
  policies::RowStatistics row_statistics() const;         // of the whole dataset; samples are of what is held
  const RewardSizes& rewards() const { return rewards_; }  // of the whole dataset
  const std::string& hash() const { return hash_; }        // of all shards' bytes
  bool holds_all() const { return held_ == 0; }
  int64_t held_shards() const { return holds_all() ? std::ssize(shards_) : held_; }
  int64_t updates_a_shard() const {
    return updates_a_shard_;
  }  // after so many the window moves on by one shard

 private:
  struct Shard {
    std::filesystem::path path;
    std::string hash;
    int64_t decisions = 0, bytes = 0;    // of its learnable episodes in a replay buffer
    policies::RowStatistics statistics;  // of its decisions, without samples
  };

  void scan(std::string_view data);
  Shard examine(const std::filesystem::path& path, contract::Divergence& divergence);
  void plan(const TrainConfig& config);
  int64_t shard_at(int64_t position);  // which shard stands there in the endless order
  std::vector<contract::Episode> read(int64_t shard) const;
  std::vector<contract::Episode> fetch(int64_t position);  // read ahead or now
  void read_ahead(int64_t position);

  contract::EnvSpec spec_;
  int action_repeat_;
  bool keep_between_;
  double discount_;
  uint64_t seed_;
  double limit_;  // bytes
  std::vector<Shard> shards_;
  ReplayBuffer replay_;
  RewardSizes rewards_;
  std::string hash_;
  int64_t episodes_ = 0;  // learnable ones so far in the scan
  int64_t held_ = 0;      // shards in the window; 0: all are held
  int64_t updates_a_shard_ = 1;
  int64_t begin_ = 0, end_ = 0;  // positions in the endless order that are held
  int64_t epoch_ = -1;           // of order_
  std::vector<int64_t> order_;
  int64_t ahead_ = -1;  // position of next_
  std::future<std::vector<contract::Episode>> next_;
};

}  // namespace reverie::training
