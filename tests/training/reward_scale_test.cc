// Trainings whose rewards come in any unit.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/safetensors.h"
#include "base/stop.h"
#include "base/temporary_directory.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/metrics.h"
#include "training/run.h"
#include "training/trainer.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;

class RewardScaleTest : public ::testing::Test {
 protected:
  void SetUp() override { tensor::set_learner_threads(1); }
  fs::path path(const std::string& name) const { return directory_.path() / name; }

  // 4 environments, 400 random control steps, 300 updates.
  static TrainConfig config_of(const std::string& task, const std::string& params) {
    TrainConfig config = small_learning();
    config.task = task;
    config.params = params;
    config.env_steps = 1000;
    config.random_steps = 400;
    config.envs = 4;
    config.updates_per_decision = 0.6;
    config.eval_every = 0;
    config.eval_episodes = 1;
    config.checkpoint_every = 480;
    config.log_every = 100;
    return config;
  }
  static TrainConfig swing(const std::string& params) {
    return config_of(REVERIE_TEST_DATA "/swing-cost.toml", params);
  }

  // The swing with a reward of `expr`.
  TrainConfig swing_paying(const std::string& expr) const {
    std::string text = base::read_file(REVERIE_TEST_DATA "/swing-cost.toml");
    const size_t reward = text.find("expr", text.find("[reward]"));
    text.replace(reward, text.find('\n', reward) - reward, "expr = '" + expr + "'");
    base::write_file_atomic(path("task.toml"), text);
    base::write_file_atomic(path("swing-cost.xml"), base::read_file(REVERIE_TEST_DATA "/swing-cost.xml"));
    return config_of(path("task.toml").string(), "");
  }

  static base::SafeTensors model_of(const fs::path& run) { return load_checkpoint(run, "last", true).model; }

  base::TemporaryDirectory directory_;
};

std::vector<double> scales_of(const fs::path& run) {
  std::vector<double> scales;
  for (const MetricRow& row : read_metrics(run)) scales.push_back(row.values.at("train/reward_scale"));
  return scales;
}

TEST_F(RewardScaleTest, AnyLargeUnitLearnsTheSameWeights) {
  train(swing("scale=256"), path("large"));
  train(swing("scale=65536"), path("larger"));
  base::SafeTensors large = model_of(path("large")), larger = model_of(path("larger"));
  const double factor =
      open_run(path("larger")).agent->reward_scale() / open_run(path("large")).agent->reward_scale();
  EXPECT_EQ(factor, 256.0);
  ASSERT_EQ(large.tensors.erase("reward_scale"), 1U);
  ASSERT_EQ(larger.tensors.erase("reward_scale"), 1U);
  for (const auto& [name, tensor] : large.tensors) EXPECT_EQ(tensor.data, larger.at(name).data) << name;
}

TEST_F(RewardScaleTest, AnySmallUnitLearnsTheSameWeights) {
  train(swing("scale=0.0000152587890625"), path("small"));        // 2^-16
  train(swing("scale=0.00000095367431640625"), path("smaller"));  // 2^-20
  EXPECT_EQ(scales_of(path("small")).back(), 16.0 * scales_of(path("smaller")).back());
  const base::SafeTensors small = model_of(path("small")), smaller = model_of(path("smaller"));
  for (const auto& [name, tensor] : small.tensors) {
    if (name == "reward_scale") continue;
    EXPECT_EQ(tensor.data, smaller.at(name).data) << name;
  }
}

// Rewards grow from 1 to half a million while it learns.
TEST_F(RewardScaleTest, AScaleThatChangesOnTheWayGoesOnBitForBit) {
  TrainConfig config = swing_paying("2 ** (1.5 * time())");
  train(config, path("whole"));
  const std::vector<double> scales = scales_of(path("whole"));
  EXPECT_EQ(scales.front(), 1.0);
  EXPECT_GE(std::set<double>(scales.begin(), scales.end()).size(), 3U);

  config.sim_threads = 2;
  config.overlap = !config.overlap;
  base::Stop first, second;
  TrainHooks hooks;
  hooks.stop = &first;
  hooks.on_progress = [&](const TrainProgress& progress) {
    if (progress.env_steps >= 500) first.request();
    if (progress.env_steps >= 800) second.request();
  };
  EXPECT_TRUE(train(config, path("broken"), hooks).interrupted);
  hooks.stop = &second;
  EXPECT_TRUE(resume_training(path("broken"), hooks).interrupted);
  EXPECT_FALSE(resume_training(path("broken")).interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("broken")));
}

TEST_F(RewardScaleTest, SaysOnceWhatIsCutOff) {
  std::vector<std::string> lines;
  TrainHooks hooks;
  hooks.on_warning = [&](const std::string& line) { lines.push_back(line); };
  TrainConfig odd = swing_paying("if(1.02 < time() < 1.08, 1e7, 1)");
  odd.envs = odd.action_repeat = 1;  // one of 200 rewards
  odd.env_steps = 600;
  train(odd, path("odd"), hooks);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("model.bin_high=6"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("cut off"), std::string::npos) << lines[0];
  lines.clear();
  train(swing("scale=10000"), path("large"), hooks);
  EXPECT_TRUE(lines.empty()) << lines[0];
}

TEST_F(RewardScaleTest, FixedDataHasItsScaleBeforeTheFirstUpdate) {
  train(swing("scale=10000"), path("live"));
  TrainConfig config = swing("scale=10000");
  config.data = path("live").string();
  config.env_steps = 0;
  config.updates = 20;
  config.log_every = 1;
  train(config, path("fixed"));
  EXPECT_GT(scales_of(path("fixed")).front(), 64.0);
  EXPECT_EQ(scales_of(path("fixed")).front(), scales_of(path("fixed")).back());
}

}  // namespace
}  // namespace reverie::training
