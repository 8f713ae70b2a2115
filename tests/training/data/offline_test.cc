// Learning from a fixed dataset: no environment but for evaluation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/data/dataset.h"
#include "training/metrics.h"
#include "training/run.h"
#include "training/run_directory.h"
#include "training/trainer.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OfflineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    tensor::set_learner_threads(1);
    DatasetOptions options;
    options.episodes = 2;
    collect_dataset(options, path("data"));
  }
  fs::path path(const std::string& name) const { return directory_.path() / name; }

  TrainConfig config() const {
    TrainConfig config = small_learning();
    config.data = path("data").string();
    config.env_steps = 0;
    config.updates = 60;
    config.eval_every = 40;
    config.eval_episodes = 1;
    config.checkpoint_every = 25;
    config.log_every = 20;
    return config;
  }

  base::TemporaryDirectory directory_;
};

TEST_F(OfflineTest, LearnsWithoutStepsAndCountsUpdates) {
  const TrainResult result = train(config(), path("run"));
  EXPECT_EQ(result.env_steps, 0);
  EXPECT_EQ(result.updates, 60);
  EXPECT_TRUE(fs::is_empty(path("run") / "episodes"));
  EXPECT_THAT(list_checkpoints(path("run")),
              testing::ElementsAre("000000025", "000000040", "000000050", "000000060"));
  std::vector<int64_t> steps;
  for (const MetricRow& row : read_metrics(path("run"))) {
    steps.push_back(row.step);
    EXPECT_EQ(row.values.at("train/updates"), static_cast<double>(row.step));
    EXPECT_TRUE(row.values.contains("model/loss")) << row.step;
    EXPECT_EQ(row.values.contains("eval/return"), row.step != 20) << row.step;
  }
  EXPECT_THAT(steps, testing::ElementsAre(20, 40, 60));
  const training::Run run = open_run(path("run"), "best");
  EXPECT_EQ(run.env_steps, 0);
}

TEST_F(OfflineTest, ThreePiecesEndInTheSameBitsAsOne) {
  train(config(), path("whole"));
  base::Stop at_once, later;
  at_once.request();
  TrainHooks hooks{.on_progress = {}, .stop = &at_once};
  EXPECT_TRUE(train(config(), path("broken"), hooks).interrupted);  // after one update
  hooks.stop = &later;
  hooks.on_progress = [&](const TrainProgress& progress) {
    if (progress.step >= 40) later.request();
  };
  const TrainResult second = resume_training(path("broken"), hooks);
  EXPECT_TRUE(second.interrupted);
  EXPECT_EQ(second.updates, 40);
  EXPECT_FALSE(resume_training(path("broken")).interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("broken")));
  // Further than planned.
  EXPECT_EQ(resume_training(path("broken"), {}, 70).updates, 70);
  EXPECT_EQ(read_run_config(path("broken")).updates, 70);
}

TEST_F(OfflineTest, ARunIsADataset) {
  train(config(), path("run"));
  fs::copy(path("data"), path("run") / "episodes", fs::copy_options::recursive);
  TrainConfig again = config();
  again.data = path("run").string();
  again.eval_every = 0;
  train(again, path("second"));
  EXPECT_EQ(read_run_config(path("second")).data, (path("run") / "episodes").string());
  EXPECT_EQ(weights_hash(path("run")), weights_hash(path("second")));
}

TEST_F(OfflineTest, OtherDataIsRefusedOnResume) {
  base::Stop stop;
  stop.request();
  train(config(), path("run"), {.on_progress = {}, .stop = &stop});
  fs::remove(path("data") / "dataset.json");  // shards that are put together by hand have no list
  fs::rename(path("data") / "shard-000000.safetensors", path("data") / "shard-000001.safetensors");
  EXPECT_FALSE(resume_training(path("run"), {}, 2).interrupted);  // the name does not matter
  DatasetOptions options;
  options.episodes = 1;
  options.seed = 2;
  collect_dataset(options, path("more"));
  fs::rename(path("more") / "shard-000000.safetensors", path("data") / "shard-000000.safetensors");
  EXPECT_THAT(error_of([&] { resume_training(path("run"), {}, 3); }), HasSubstr("have changed since"));
}

TEST_F(OfflineTest, WhatCannotBeLearnedFromIsNamed) {
  const auto error_with = [&](const auto& change) {
    TrainConfig changed = config();
    change(changed);
    std::string error = error_of([&] { train(changed, path("wrong")); });
    EXPECT_FALSE(fs::exists(path("wrong"))) << error;
    return error;
  };
  EXPECT_THAT(error_with([](TrainConfig& c) { c.env_steps = 1000; }),
              HasSubstr("env_steps: expected 0 with data="));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.data += ","; }),
              HasSubstr(",: expected directories with commas between, found an empty name"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.updates = 0; }), HasSubstr("updates: expected at least 1"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.data = "", c.env_steps = 10; }),
              HasSubstr("only with data=DIR"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.task = "dmc/pendulum-swingup"; }),
              HasSubstr("episodes of dmc/cartpole-swingup"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.action_repeat = 4; }), HasSubstr("actions change within 4"));
  EXPECT_THAT(error_with([&](TrainConfig& c) { c.data = directory_.path().string(); }),
              HasSubstr("expected a run or"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.data = "nowhere"; }), HasSubstr("nowhere"));
}

TEST_F(OfflineTest, SeveralPoliciesShareADataset) {
  train(config(), path("run"));
  DatasetOptions options;
  options.task = "";  // the runs' own
  options.episodes = 5;
  const std::string run = path("run").string();
  options.policies = {"zero", run + "@25", run};
  const DatasetResult result = collect_dataset(options, path("mixed"));
  EXPECT_EQ(result.task, "dmc/cartpole-swingup");
  ASSERT_EQ(result.policies.size(), 3U);
  EXPECT_EQ(result.policies[1].policy, "actor@25");
  EXPECT_EQ(result.policies[2].policy, "actor@60");
  const std::vector<contract::Episode> episodes = contract::load_episode_directory(path("mixed"));
  ASSERT_EQ(episodes.size(), 5U);
  const std::vector<std::string> who = {"zero", "actor@25", "actor@25", "actor@60", "actor@60"};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(episodes[i].index, i);
    EXPECT_EQ(episodes[i].policy, who[i]);
  }
  EXPECT_DOUBLE_EQ(result.policies[0].mean_return, episodes[0].return_sum());
  EXPECT_NE(episodes[1].actions, episodes[3].actions);
  // Sampled actions are other actions, and are learned from all the same.
  options.explore = true;
  collect_dataset(options, path("explored"));
  EXPECT_NE(contract::load_episode_directory(path("explored"))[1].actions, episodes[1].actions);
  TrainConfig mixed = config();
  mixed.data = path("explored").string();
  EXPECT_EQ(train(mixed, path("from-mixed")).updates, 60);
  options.policies = {run + "@7"};
  EXPECT_THAT(error_of([&] { collect_dataset(options, path("none")); }), HasSubstr("no checkpoint '7'"));
}

}  // namespace
}  // namespace reverie::training
