// A dataset larger than the memory it is given.
#include "training/data/shard_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "base/safetensors.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "sim/task/task.h"
#include "tests/training/support.h"
#include "training/data/dataset.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kShards = 6;
constexpr int64_t kShardSteps = 100, kShardDecisions = 50;

// Six shards of two short episodes each: 100 control steps, 50 decisions.
class ShardWindowTest : public ::testing::Test {
 protected:
  void SetUp() override {
    DatasetOptions options;
    options.task = "dmc/cartpole-swingup";
    options.episodes = int64_t{2} * kShards;
    collect_dataset(options, directory_.path() / "long");
    std::vector<contract::Episode> episodes = contract::load_episode_directory(directory_.path() / "long");
    fs::create_directories(data());
    for (int shard = 0; shard < kShards; ++shard) {
      std::vector<contract::Episode> two;
      for (int k = 0; k < 2; ++k) {
        two.push_back(std::move(episodes[2 * static_cast<size_t>(shard) + static_cast<size_t>(k)]));
        contract::cut_episode(two.back(), 50);
      }
      contract::save_episodes(shard_path(shard), two);
    }
  }
  fs::path data() const { return directory_.path() / "data"; }
  fs::path shard_path(int shard) const { return data() / fmt::format("shard-{:06}.safetensors", shard); }

  // Room for so many shards.
  TrainConfig config(double shards) const {
    TrainConfig config = small_learning();
    config.data = data().string();
    config.learner.batch_size = 10;  // 5 updates a shard
    ReplayBuffer one(spec_, 2, 1000);
    uint64_t index = 0;
    for (const contract::Episode& episode : contract::load_episodes(shard_path(0)))
      one.add_whole(index++, episode);
    config.data_memory = (shards + 0.01) * static_cast<double>(one.bytes()) / 1024.0 / 1024.0;
    return config;
  }

  contract::EnvSpec spec_ = sim::Task::load("dmc/cartpole-swingup")->spec();
  base::TemporaryDirectory directory_;
};

std::vector<float> rows_at(ShardWindow& window, int64_t updates) {
  window.move_to(updates);
  SequenceBatch batch;
  contract::Rng rng(1, 0, contract::Stream::kReplay, static_cast<uint64_t>(updates));
  window.replay().sample(2, 16, rng, batch);
  return batch.observations;
}

TEST_F(ShardWindowTest, HoldsNoMoreThanItMay) {
  ShardWindow window(spec_, config(2));
  EXPECT_FALSE(window.holds_all());
  EXPECT_EQ(window.held_shards(), 2);
  EXPECT_EQ(window.updates_a_shard(), 5);
  EXPECT_EQ(window.replay().steps(), 0);  // the statistics took a look at one shard after the other
  for (int64_t updates = 0; updates < 100; ++updates) {
    window.move_to(updates);
    EXPECT_EQ(window.replay().steps(), 2 * kShardSteps) << updates;
  }
  const ShardWindow whole(spec_, config(kShards));
  EXPECT_TRUE(whole.holds_all());
  EXPECT_EQ(whole.replay().steps(), kShards * kShardSteps);
  EXPECT_EQ(whole.hash(), window.hash());
}

TEST_F(ShardWindowTest, WhatIsHeldFollowsFromTheNumberOfUpdates) {
  ShardWindow walked(spec_, config(3));
  TrainConfig other = config(3);
  other.sim_threads = other.learner_threads = 4;
  for (int64_t updates = 0; updates < 120; ++updates) {
    const std::vector<float> rows = rows_at(walked, updates);
    if (updates % 17 != 0) continue;
    ShardWindow at_once(spec_, other);  // as after a resume
    EXPECT_EQ(rows, rows_at(at_once, updates)) << updates;
  }
  other.seed = 2;
  ShardWindow otherwise(spec_, other);
  EXPECT_NE(rows_at(walked, 120), rows_at(otherwise, 120));
}

// The first observation of an episode names it: over whole epochs all are seen about equally often.
TEST_F(ShardWindowTest, EveryDecisionIsDrawnAboutEquallyOften) {
  ShardWindow window(spec_, config(2));
  std::map<float, int64_t> seen;
  const int64_t updates = int64_t{200} * kShards * window.updates_a_shard();  // 200 epochs
  SequenceBatch batch;
  for (int64_t update = 0; update < updates; ++update) {
    window.move_to(update);
    contract::Rng rng(1, 0, contract::Stream::kReplay, static_cast<uint64_t>(update));
    window.replay().sample(0, 10, rng, batch);
    const auto width = static_cast<int64_t>(batch.observations.size()) / batch.batch;
    for (int64_t b = 0; b < batch.batch; ++b) ++seen[batch.observations[static_cast<size_t>(b * width)]];
  }
  EXPECT_EQ(seen.size(), kShards * kShardDecisions);
  double chi_squared = 0.0;
  const double expected = 10.0 * static_cast<double>(updates) / (kShards * kShardDecisions);  // 200
  for (const auto& [row, count] : seen)
    chi_squared +=
        (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected) / expected;
  EXPECT_LT(chi_squared / (kShards * kShardDecisions), 1.5);
}

TEST_F(ShardWindowTest, StatisticsAreOfTheWholeDataset) {
  ShardWindow part(spec_, config(2)), whole(spec_, config(kShards));
  part.move_to(0);
  const policies::RowStatistics a = part.row_statistics(), b = whole.row_statistics();
  for (size_t k = 0; k < a.mean.size(); ++k) {
    EXPECT_NEAR(a.mean[k], b.mean[k], 1e-5F * (1.0F + b.deviation[k])) << k;
    EXPECT_NEAR(a.deviation[k], b.deviation[k], 1e-5F * (1.0F + b.deviation[k])) << k;
    EXPECT_NEAR(a.change[k], b.change[k], 1e-5F * (1.0F + b.change[k])) << k;
    EXPECT_EQ(a.low[k], b.low[k]) << k;
    EXPECT_EQ(a.high[k], b.high[k]) << k;
  }
  EXPECT_EQ(part.rewards().rewards(), whole.rewards().rewards());
  EXPECT_EQ(part.rewards().largest_sum(), whole.rewards().largest_sum());
  EXPECT_NE(part.replay().rewards().rewards(), whole.rewards().rewards());
}

TEST_F(ShardWindowTest, SaysWhatIsWrongWithADataset) {
  TrainConfig wrong = config(2);
  wrong.data_memory = 1e-4;
  EXPECT_THAT(error_of([&] { ShardWindow(spec_, wrong); }),
              HasSubstr("data_memory=0.0001: expected at least"));
  wrong = config(kShards);
  wrong.learner.batch_size = 301;
  EXPECT_THAT(error_of([&] { ShardWindow(spec_, wrong); }), HasSubstr("300 decisions are too few"));
  wrong.data_memory = 100;
  wrong.data += "," + (directory_.path() / "long").string();  // a second directory brings more
  EXPECT_EQ(ShardWindow(spec_, wrong).replay().episodes(), 4 * kShards);
  wrong.data = data().string() + ",nowhere";
  EXPECT_THAT(error_of([&] { ShardWindow(spec_, wrong); }), HasSubstr("nowhere: expected a directory"));
}

TEST_F(ShardWindowTest, AShardThatChangesIsNoticedWhenItIsReadAgain) {
  ShardWindow window(spec_, config(2));
  window.move_to(0);
  const fs::path other = directory_.path() / "other";
  for (int shard = 1; shard < kShards; ++shard) {  // at once: the window reads ahead meanwhile
    fs::copy_file(shard_path(0), other);
    fs::rename(other, shard_path(shard));
  }
  EXPECT_THAT(error_of([&] {
                for (int64_t updates = 0; updates < 60; ++updates) window.move_to(updates);
              }),
              HasSubstr("has changed since"));
}

TEST_F(ShardWindowTest, RowsThatAreNotFiniteAreRefused) {
  base::SafeTensors content = base::load_safetensors(shard_path(3));
  const float nan = std::nanf("");
  std::memcpy(content.tensors.at("observations").data.data() + 7 * sizeof(float), &nan, sizeof(float));
  base::save_safetensors(shard_path(3), content);
  EXPECT_THAT(error_of([&] { ShardWindow(spec_, config(2)); }), HasSubstr("expected finite numbers"));
}

}  // namespace
}  // namespace reverie::training
