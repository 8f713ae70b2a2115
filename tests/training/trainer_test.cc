#include "training/trainer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "base/safetensors.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "policies/actor_policy.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/metrics.h"
#include "training/run.h"
#include "training/run_directory.h"
#include "training/simulated_return.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;

// 8 environments, 400 random control steps, 500 updates.
TrainConfig small_config() {
  TrainConfig config = small_learning();
  config.env_steps = 1000;
  config.random_steps = 400;
  config.envs = 8;
  config.updates_per_decision = 1.0;
  config.eval_every = 0;
  config.eval_episodes = 1;
  config.checkpoint_every = 480;
  config.log_every = 100;
  return config;
}

// Rewrites what the newest checkpoint says that the incumbent earned.
void set_best_returns(const fs::path& run, double value) {
  const fs::path path = run / "checkpoints" / resolve_checkpoint(run, "last") / "state.json";
  nlohmann::json state = nlohmann::json::parse(base::read_file(path));
  for (auto& entry : state["best"]["returns"]) entry = value;
  for (const char* key : {"checksum", "files"}) state.erase(key);  // of what was written
  base::write_file_atomic(path, state.dump());
}

Incumbent best_of(const fs::path& run) {
  return load_checkpoint(run, resolve_checkpoint(run, "last"), true).best;
}

class TrainerTest : public ::testing::Test {
 protected:
  void SetUp() override { tensor::set_learner_threads(1); }
  fs::path path(const std::string& name) const { return directory_.path() / name; }

  base::TemporaryDirectory directory_;
};

TEST_F(TrainerTest, SameWeightsForAnyNumberOfThreads) {
  TrainConfig config = small_config();
  const TrainResult result = train(config, path("one"));
  EXPECT_EQ(result.env_steps, 1008);  // whole rounds of 8 environments x 2 control steps
  EXPECT_EQ(result.updates, 504);
  config.sim_threads = 2;
  config.overlap = !config.overlap;
  train(config, path("two"));
  EXPECT_EQ(weights_hash(path("one")), weights_hash(path("two")));
  config.seed = 2;
  train(config, path("other"));
  EXPECT_NE(weights_hash(path("one")), weights_hash(path("other")));
}

TEST_F(TrainerTest, ThreePiecesEndInTheSameBitsAsOne) {
  const TrainConfig config = small_config();
  train(config, path("whole"));

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
  const TrainResult result = resume_training(path("broken"));
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
  const fs::path half_written = path("killed") / "episodes" / "shard-000009.safetensors.1.tmp";
  std::ofstream(half_written) << "half";
  EXPECT_FALSE(resume_training(path("killed")).interrupted);
  EXPECT_FALSE(fs::exists(half_written));
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("killed")));
}

TEST_F(TrainerTest, LogsEveryRewardTermOfATaskThatHasSeveral) {
  TrainConfig config = small_config();
  config.env_steps = 600;
  train(config, path("one-term"));
  for (const MetricRow& row : read_metrics(path("one-term"))) {
    for (const auto& [key, value] : row.values) EXPECT_FALSE(key.starts_with("episode/")) << key;
  }
  config.task = "gym/hopper";  // falls over soon: episodes end
  train(config, path("terms"));
  const std::vector<std::string> terms = sim::Task::load(config.task)->spec().reward_terms;
  ASSERT_GT(terms.size(), 1U);
  int rows = 0;
  for (const MetricRow& row : read_metrics(path("terms"))) {
    if (!row.values.contains("train/return")) continue;
    ++rows;
    double sum = 0.0;
    for (const std::string& term : terms) {
      ASSERT_TRUE(row.values.contains("episode/reward/" + term)) << term;
      sum += row.values.at("episode/reward/" + term);
    }
    EXPECT_NEAR(sum, row.values.at("train/return"), 1e-3);
  }
  EXPECT_GT(rows, 1);
}

TEST_F(TrainerTest, BestIsThePolicyThatEarnedItsReturns) {
  TrainConfig config = small_config();
  config.eval_every = 250;
  config.eval_episodes = 3;
  config.checkpoint_every = 600;
  train(config, path("run"));
  const Incumbent best = best_of(path("run"));
  ASSERT_EQ(best.returns.size(), 3U);
  const training::Run run = open_run(path("run"), "best");
  EXPECT_EQ(run.env_steps, best.step);
  base::ThreadPool pool(1);
  const auto policy = policies::actor_policy(run.agent);
  EXPECT_EQ(simulated_returns(*policy, run.task, run.agent->action_repeat(), 3, evaluation_seed(1), pool),
            best.returns);
  // Who evaluates first has no rival; from then on the name changes only where the test said so.
  double held = 0.0;
  int evaluations = 0;
  for (const MetricRow& row : read_metrics(path("run"))) {
    if (!row.values.contains("eval/return")) continue;
    ++evaluations;
    const double step = row.values.at("eval/best_step");
    if (step != held) {
      EXPECT_EQ(step, static_cast<double>(row.step));
      EXPECT_EQ(row.values.at("eval/best_return"), row.values.at("eval/return"));
    }
    held = step;
  }
  EXPECT_EQ(evaluations, 3);
  EXPECT_EQ(held, static_cast<double>(best.step));
}

TEST_F(TrainerTest, OnlyAProvenImprovementTakesTheName) {
  TrainConfig config = small_config();
  config.eval_every = 400;
  config.eval_episodes = 2;
  for (const auto& [name, returns] : {std::pair("beaten", -1e6), std::pair("unbeaten", 1e6)}) {
    base::Stop stop;
    const auto stop_at_evaluation = [&](const MetricRow& row) {
      if (row.values.contains("eval/return")) stop.request();
    };
    EXPECT_TRUE(train(config, path(name), {.on_progress = {}, .sinks = {stop_at_evaluation}, .stop = &stop})
                    .interrupted);
    EXPECT_EQ(resolve_checkpoint(path(name), "best"), resolve_checkpoint(path(name), "last"));
    set_best_returns(path(name), returns);
    EXPECT_FALSE(resume_training(path(name)).interrupted);
    const auto names = list_checkpoints(path(name));
    if (returns < 0.0) {
      EXPECT_GT(best_of(path(name)).step, 400);
      EXPECT_GT(best_of(path(name)).returns[0], -1e6);
    } else {
      EXPECT_EQ(best_of(path(name)).step, 400);
      EXPECT_EQ(resolve_checkpoint(path(name), "best"), names.front());
    }
  }
}

TEST_F(TrainerTest, BestSurvivesInterruptionsAndKills) {
  TrainConfig config = small_config();
  config.eval_every = 160;
  config.eval_episodes = 2;
  train(config, path("whole"));
  base::Stop first, second;
  TrainHooks hooks;
  hooks.stop = &first;
  hooks.on_progress = [&](const TrainProgress& progress) {
    if (progress.env_steps >= 450) first.request();
    if (progress.env_steps >= 850) second.request();
  };
  EXPECT_TRUE(train(config, path("broken"), hooks).interrupted);
  hooks.stop = &second;
  EXPECT_TRUE(resume_training(path("broken"), hooks).interrupted);
  // A kill between the checkpoint and its links.
  fs::remove(path("broken") / "checkpoints" / "best");
  EXPECT_FALSE(resume_training(path("broken")).interrupted);
  EXPECT_EQ(best_of(path("whole")).step, best_of(path("broken")).step);
  EXPECT_EQ(best_of(path("whole")).returns, best_of(path("broken")).returns);
  EXPECT_EQ(resolve_checkpoint(path("whole"), "best"), resolve_checkpoint(path("broken"), "best"));
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("broken")));
}

// Answers of a made-up measurement, evaluation after evaluation.
MeasureDream dreams_that_hold(const std::vector<double>& valid_steps, size_t& asked) {
  return [&valid_steps, &asked](const DreamQuestion& question) {
    EXPECT_EQ(question.episodes, 7);
    EXPECT_EQ(question.seed, dream_seed(1));
    DreamFigures figures;
    figures.valid_steps = valid_steps.at(asked++);
    figures.error_2 = 0.5;
    return figures;
  };
}

TEST_F(TrainerTest, TheMostFaithfulDreamIsKeptAndNamed) {
  TrainConfig config = small_config();
  config.eval_every = 160;
  config.eval_dream = 7;
  // Not measured, holds, worse, as good; better after the interruption.
  const std::vector<double> holds{DreamFigures::kNone, 30.0, 20.0, 30.0, 40.0};
  size_t asked = 0;
  base::Stop stop;
  TrainHooks hooks;
  hooks.measure_dream = dreams_that_hold(holds, asked);
  hooks.stop = &stop;
  hooks.sinks = {[&](const MetricRow&) {
    if (asked == 4) stop.request();
  }};
  EXPECT_TRUE(train(config, path("run"), hooks).interrupted);
  ASSERT_EQ(asked, 4u);
  EXPECT_EQ(open_run(path("run"), "most_faithful").env_steps, 640);
  fs::remove(path("run") / "checkpoints" / "most_faithful");  // a kill between the checkpoint and its links
  hooks.stop = nullptr;
  hooks.sinks = {};
  EXPECT_FALSE(resume_training(path("run"), hooks).interrupted);
  ASSERT_EQ(asked, holds.size());
  EXPECT_EQ(open_run(path("run"), "most_faithful").env_steps, 1008);
  std::vector<double> held;
  for (const MetricRow& row : read_metrics(path("run"))) {
    if (!row.values.contains("eval/return")) continue;
    const auto step = row.values.find("dream/most_faithful_step");
    held.push_back(step == row.values.end() ? 0.0 : step->second);
  }
  EXPECT_EQ(held, (std::vector<double>{0, 640, 640, 640, 1008}));
}

TEST_F(TrainerTest, WithoutAMeasurementNoCheckpointIsCalledMostFaithful) {
  TrainConfig config = small_config();
  config.eval_every = 500;
  train(config, path("run"));
  EXPECT_FALSE(fs::exists(path("run") / "checkpoints" / "most_faithful"));
  EXPECT_NE(error_of([&] { open_run(path("run"), "most_faithful"); }).find("no checkpoint 'most_faithful'"),
            std::string::npos);
  EXPECT_FALSE(
      load_checkpoint(path("run"), resolve_checkpoint(path("run"), "last"), true).most_faithful.held());
}

TEST_F(TrainerTest, StartsAgainWhenStoppedBeforeTheFirstCheckpoint) {
  const TrainConfig config = small_config();
  train(config, path("whole"));
  create_run_directory(path("early"), config);
  EXPECT_FALSE(resume_training(path("early")).interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("early")));
  create_run_directory(path("earliest"), config);  // killed when only its config.toml was there
  for (const char* folder : {"checkpoints", "episodes"}) ASSERT_TRUE(fs::remove(path("earliest") / folder));
  EXPECT_FALSE(resume_training(path("earliest")).interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("earliest")));
}

// A run of before `size` had a name.
TEST_F(TrainerTest, ARunWithoutASizeGoesOn) {
  const TrainConfig config = small_config();
  train(config, path("whole"));
  base::Stop stop;
  stop.request();
  EXPECT_TRUE(train(config, path("old"), {.on_progress = {}, .stop = &stop}).interrupted);
  std::string text = base::read_file(path("old") / "config.toml");
  const size_t line = text.find("size = ");
  ASSERT_NE(line, std::string::npos);
  text.erase(line, text.find('\n', line) + 1 - line);
  text.erase(0, text.find('\n') + 1);  // its checksum
  base::write_file_atomic(path("old") / "config.toml", text);
  EXPECT_EQ(read_run_config(path("old")).model.latent_dim, 16);
  EXPECT_FALSE(resume_training(path("old")).interrupted);
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("old")));
}

// A checkpoint of before `best`, the actor's average and the adaptive entropy weight.
TEST_F(TrainerTest, AnOldCheckpointOpensAndGoesOn) {
  TrainConfig config = small_config();
  config.eval_every = config.env_steps;
  train(config, path("old"));
  const fs::path checkpoint = path("old") / "checkpoints" / resolve_checkpoint(path("old"), "last");
  base::SafeTensors model = base::load_safetensors(checkpoint / "model.safetensors");
  const size_t tensors = model.tensors.size();
  std::erase_if(model.tensors, [](const auto& entry) { return entry.first.starts_with("average_actor."); });
  ASSERT_LT(model.tensors.size(), tensors);
  base::save_safetensors(checkpoint / "model.safetensors", model);
  base::SafeTensors optimizer = base::load_safetensors(checkpoint / "optimizer.safetensors");
  ASSERT_EQ(optimizer.tensors.erase("log_entropy_weight"), 1U);
  base::save_safetensors(checkpoint / "optimizer.safetensors", optimizer);
  nlohmann::json state = nlohmann::json::parse(base::read_file(checkpoint / "state.json"));
  state.erase("best");
  state.erase("data_hash");
  for (const char* key : {"checksum", "files", "shards_checksum"}) state.erase(key);
  base::write_file_atomic(checkpoint / "state.json", state.dump());
  fs::remove(path("old") / "checkpoints" / "best");

  EXPECT_EQ(open_run(path("old")).env_steps, 1008);
  EXPECT_EQ(resume_training(path("old"), {}, 1024).env_steps, 1024);
  EXPECT_EQ(resolve_checkpoint(path("old"), "best"), "000001024");
}

TEST_F(TrainerTest, OpenRunActsLikeTheTrainedAgent) {
  train(small_config(), path("run"));
  const training::Run run = open_run(path("run"));
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
  const std::string bytes = base::read_file(model);
  std::ofstream(model, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_THROW(open_run(path("run"), resolve_checkpoint(path("run"), "last")), base::UserError);
  for (const std::string& name : list_checkpoints(path("run")))
    std::ofstream(path("run") / "checkpoints" / name / "model.safetensors", std::ios::binary) << "x";
  EXPECT_THROW(open_run(path("run")), base::UserError);
  EXPECT_THROW(resume_training(path("run")), base::UserError);
  EXPECT_THROW(open_run(path("nowhere")), base::UserError);
}

TEST_F(TrainerTest, NothingIsWrittenForAWrongConfiguration) {
  TrainConfig config = small_config();
  config.task = "dmc/cartpole-swingdown";
  EXPECT_THROW(train(config, path("wrong")), base::UserError);
  config = small_config();
  config.model.latent_dim = 17;
  EXPECT_THROW(train(config, path("wrong")), base::UserError);
  EXPECT_FALSE(fs::exists(path("wrong")));
}

}  // namespace
}  // namespace reverie::training
