#include "training/trainer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "base/safetensors.h"
#include "policies/device.h"
#include "sim/episode_store.h"
#include "tests/base/temporary_directory.h"
#include "training/checkpoint.h"
#include "training/run.h"
#include "training/run_directory.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// 8 environments, 400 random control steps, 500 updates.
TrainConfig small_config() {
  TrainConfig config;
  config.env_steps = 1000;
  config.random_steps = 400;
  config.envs = 8;
  config.eval_every = 0;
  config.eval_episodes = 1;
  config.checkpoint_every = 480;
  config.log_every = 100;
  config.device = "cpu";
  config.model.latent_dim = 16;
  config.model.encoder_dim = config.model.hidden_dim = config.model.probe_dim = 32;
  config.learner.batch_size = 16;
  config.learner.imagination_batch = 32;
  return config;
}

std::string weights_hash(const fs::path& run) {
  const fs::path directory = run / "checkpoints" / resolve_checkpoint(run, "last");
  return content_hash(read_file(directory / "model.safetensors") +
                      read_file(directory / "optimizer.safetensors"));
}

class TrainerTest : public ::testing::Test {
 protected:
  void SetUp() override { set_learner_threads(1); }
  fs::path path(const std::string& name) const { return directory_.path() / name; }

  TemporaryDirectory directory_;
};

TEST_F(TrainerTest, SameWeightsForAnyNumberOfSimulationThreads) {
  TrainConfig config = small_config();
  const TrainResult result = train(config, path("one"));
  EXPECT_EQ(result.env_steps, 1008);  // whole rounds of 8 environments x 2 control steps
  EXPECT_EQ(result.updates, 504);
  config.sim_threads = 2;
  train(config, path("two"));
  EXPECT_EQ(weights_hash(path("one")), weights_hash(path("two")));
  config.seed = 2;
  train(config, path("other"));
  EXPECT_NE(weights_hash(path("one")), weights_hash(path("other")));
}

TEST_F(TrainerTest, ThreePiecesEndInTheSameBitsAsOne) {
  const TrainConfig config = small_config();
  train(config, path("whole"));

  std::atomic<bool> stop{false};
  int64_t stop_at = 500;
  TrainHooks hooks;
  hooks.stop = &stop;
  hooks.on_progress = [&](const TrainProgress& progress) {
    if (progress.env_steps >= stop_at) stop = true;
  };
  EXPECT_TRUE(train(config, path("broken"), hooks).interrupted);
  stop = false;
  stop_at = 800;
  EXPECT_TRUE(resume_training(path("broken"), hooks).interrupted);
  stop = false;
  stop_at = 1 << 30;
  const TrainResult result = resume_training(path("broken"), hooks);
  EXPECT_FALSE(result.interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("broken")));
  // Metrics have every row once.
  const auto rows = read_metrics(path("broken")), whole = read_metrics(path("whole"));
  ASSERT_EQ(rows.size(), whole.size());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].step, whole[i].step);
}

TEST_F(TrainerTest, AKilledProcessGoesOnFromTheLastWholeCheckpoint) {
  const TrainConfig config = small_config();
  train(config, path("whole"));
  train(config, path("killed"));
  // What a kill between two saves leaves: `last` names an older checkpoint, a half-written one and later
  // shards lie about.
  const auto names = list_checkpoints(path("killed"));
  ASSERT_EQ(names.size(), 3U);
  link_checkpoint(path("killed"), "last", std::stoll(names[0]));
  fs::remove_all(path("killed") / "checkpoints" / names[2]);
  fs::rename(path("killed") / "checkpoints" / names[1],
             path("killed") / "checkpoints" / ("." + names[1] + ".tmp"));
  EXPECT_FALSE(resume_training(path("killed")).interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("killed")));
}

TEST_F(TrainerTest, StartsAgainWhenStoppedBeforeTheFirstCheckpoint) {
  const TrainConfig config = small_config();
  train(config, path("whole"));
  create_run_directory(path("early"), config);
  EXPECT_FALSE(resume_training(path("early")).interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("early")));
}

// A run of before `size` had a name.
TEST_F(TrainerTest, ARunWithoutASizeGoesOn) {
  const TrainConfig config = small_config();
  train(config, path("whole"));
  std::atomic<bool> stop{true};
  EXPECT_TRUE(train(config, path("old"), {.on_progress = {}, .stop = &stop}).interrupted);
  std::string text = read_file(path("old") / "config.toml");
  const size_t line = text.find("size = ");
  ASSERT_NE(line, std::string::npos);
  text.erase(line, text.find('\n', line) + 1 - line);
  write_file_atomic(path("old") / "config.toml", text);
  EXPECT_EQ(read_run_config(path("old")).model.latent_dim, 16);
  EXPECT_FALSE(resume_training(path("old")).interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("old")));
}

TEST_F(TrainerTest, OpenRunActsLikeTheTrainedAgent) {
  train(small_config(), path("run"));
  const reverie::Run run = open_run(path("run"));
  EXPECT_EQ(run.env_steps, 1008);
  const Checkpoint stored = load_checkpoint(path("run"), run.checkpoint, true);
  for (const auto& [name, tensor] : run.agent->weights().tensors) {
    EXPECT_EQ(tensor.data, stored.model.at(name).data) << name;
  }
}

TEST_F(TrainerTest, DamagedFilesAreTheUsersInput) {
  train(small_config(), path("run"));
  const fs::path model =
      path("run") / "checkpoints" / resolve_checkpoint(path("run"), "last") / "model.safetensors";
  const std::string bytes = read_file(model);
  std::ofstream(model, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_THROW(open_run(path("run")), UserError);
  EXPECT_THROW(resume_training(path("run")), UserError);
  EXPECT_THROW(open_run(path("nowhere")), UserError);
}

TEST_F(TrainerTest, NothingIsWrittenForAWrongConfiguration) {
  TrainConfig config = small_config();
  config.task = "dmc/cartpole-swingdown";
  EXPECT_THROW(train(config, path("wrong")), UserError);
  config = small_config();
  config.model.latent_dim = 17;
  EXPECT_THROW(train(config, path("wrong")), UserError);
  EXPECT_FALSE(fs::exists(path("wrong")));
}

}  // namespace
}  // namespace reverie
