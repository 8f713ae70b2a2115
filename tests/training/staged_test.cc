// One stage at a time: the world model alone, then a policy inside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/safetensors.h"
#include "base/temporary_directory.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/data/dataset.h"
#include "training/metrics.h"
#include "training/presets.h"
#include "training/run.h"
#include "training/run_directory.h"
#include "training/trainer.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class StagedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    tensor::set_learner_threads(1);
    DatasetOptions options;
    options.episodes = 4;
    collect_dataset(options, path("data"));
  }
  fs::path path(const std::string& name) const { return directory_.path() / name; }

  TrainConfig model_config() const {
    TrainConfig config = small_learning();
    config.learn = "model";
    config.data = path("data").string();
    config.env_steps = 0;
    config.updates = 60;
    config.eval_every = 20;
    config.eval_episodes = 1;
    config.checkpoint_every = 25;
    config.log_every = 20;
    return config;
  }

  // Inside the world model of `model`, as the command line makes it.
  TrainConfig policy_config(const fs::path& model) const {
    return resolve_config({[&](TrainConfig& config) {
      const TrainConfig small = small_learning();
      config.device = "cpu";
      config.learn = "policy";
      config.from = model.string();
      config.env_steps = 0;
      config.updates = 60;
      config.learner.batch_size = small.learner.batch_size;
      config.learner.imagination_batch = small.learner.imagination_batch;
      config.eval_every = 30;
      config.eval_episodes = 1;
      config.checkpoint_every = 25;
      config.log_every = 20;
    }});
  }

  base::TemporaryDirectory directory_;
};

std::map<std::string, base::TensorData> weights_of(const fs::path& run) {
  return load_checkpoint(run, resolve_checkpoint(run, "last"), true).model.tensors;
}

bool is_of_model(const std::string& name) { return name.starts_with("model.") || name.starts_with("probe."); }

// Interrupted after one update and after forty, then finished.
void train_in_three_pieces(const TrainConfig& config, const fs::path& run) {
  base::Stop at_once, later;
  at_once.request();
  TrainHooks hooks{.on_progress = {}, .stop = &at_once};
  EXPECT_TRUE(train(config, run, hooks).interrupted);
  hooks.stop = &later;
  hooks.on_progress = [&](const TrainProgress& progress) {
    if (progress.step >= 40) later.request();
  };
  EXPECT_TRUE(resume_training(run, hooks).interrupted);
  EXPECT_FALSE(resume_training(run).interrupted);
}

TEST_F(StagedTest, AWorldModelLearnsAlone) {
  const TrainConfig config = model_config();
  EXPECT_EQ(train(config, path("run")).updates, 60);
  const auto learned = weights_of(path("run"));
  const training::Run run = open_run(path("run"));
  const auto drawn =
      make_agent(run.task->spec(), run.config, static_cast<uint64_t>(config.seed), tensor::kCpu)
          ->weights()
          .tensors;
  for (const auto& [name, tensor] : drawn)
    EXPECT_EQ(learned.at(name).data == tensor.data, !is_of_model(name) || tensor.data.size() == 0) << name;
  // No policy, no return, nobody is best.
  EXPECT_THAT(list_checkpoints(path("run")), ElementsAre("000000025", "000000050", "000000060"));
  EXPECT_FALSE(fs::exists(path("run") / "checkpoints" / "best"));
  for (const MetricRow& row : read_metrics(path("run"))) {
    EXPECT_TRUE(row.values.contains("model/loss") && row.values.contains("probe/loss")) << row.step;
    for (const auto& [name, value] : row.values)
      EXPECT_FALSE(name.starts_with("actor/") || name.starts_with("critic/") || name.starts_with("eval/"))
          << name;
  }
}

TEST_F(StagedTest, AWorldModelInThreePiecesEndsInTheSameBitsAsInOne) {
  train(model_config(), path("whole"));
  train_in_three_pieces(model_config(), path("broken"));
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("broken")));
}

TEST_F(StagedTest, AWorldModelLearnsFromAFewEpisodes) {
  TrainConfig config = model_config();
  config.updates = 600;
  config.log_every = 50;
  train(config, path("run"));
  const std::vector<MetricRow> rows = read_metrics(path("run"));
  EXPECT_LT(rows.back().values.at("model/loss"), 0.5 * rows.front().values.at("model/loss"));
}

TEST_F(StagedTest, APolicyLearnsInsideAWorldThatStaysAsItIs) {
  train(model_config(), path("model"));
  const TrainResult result = train(policy_config(path("model")), path("run"));
  EXPECT_EQ(result.updates, 60);
  EXPECT_EQ(result.env_steps, 0);
  const auto world = weights_of(path("model")), learned = weights_of(path("run"));
  for (const auto& [name, tensor] : world)
    EXPECT_EQ(learned.at(name).data == tensor.data, is_of_model(name) || tensor.data.size() == 0) << name;
  // Physics has checked the policy, and the run says where its world is from.
  EXPECT_TRUE(read_metrics(path("run")).back().values.contains("eval/return"));
  EXPECT_TRUE(read_metrics(path("run")).back().values.contains("critic/dreamed_loss"));
  const TrainConfig kept = read_run_config(path("run"));
  EXPECT_EQ(kept.from, path("model").string() + "@000000060");
  EXPECT_EQ(kept.data, path("data").string());
  EXPECT_EQ(open_run(path("run"), "best").updates % 30, 0);
}

TEST_F(StagedTest, APolicyInThreePiecesEndsInTheSameBitsAsInOne) {
  train(model_config(), path("model"));
  train(policy_config(path("model")), path("whole"));
  train_in_three_pieces(policy_config(path("model")), path("broken"));
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("broken")));
  TrainConfig alone = policy_config(path("model"));
  alone.overlap = false;
  train(alone, path("alone"));
  EXPECT_EQ(weights_hash(path("whole")), weights_hash(path("alone")));
}

// A later stage finds the one before by path and hash, and can do without it once it has begun.
TEST_F(StagedTest, TheWorldMustStayWhatItWas) {
  train(model_config(), path("model"));
  base::Stop stop;
  stop.request();
  train(policy_config(path("model")), path("run"), {.on_progress = {}, .stop = &stop});
  const fs::path weights = path("model") / "checkpoints" / "000000060" / "model.safetensors";
  EXPECT_FALSE(resume_training(path("run"), {}, 2).interrupted);
  fs::copy_file(path("model") / "checkpoints" / "000000025" / "model.safetensors", weights,
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(error_of([&] { resume_training(path("run"), {}, 3); }),
              HasSubstr("has changed since this run"));
  fs::remove_all(path("model"));
  EXPECT_EQ(resume_training(path("run"), {}, 3).updates, 3);
}

TEST_F(StagedTest, StagesThatDoNotFitAreNamed) {
  train(model_config(), path("model"));
  const auto error_with = [&](const auto& change) {
    TrainConfig changed = policy_config(path("model"));
    change(changed);
    std::string error = error_of([&] { train(changed, path("wrong")); });
    EXPECT_FALSE(fs::exists(path("wrong"))) << error;
    return error;
  };
  EXPECT_THAT(error_with([](TrainConfig& c) { c.from.clear(); }), HasSubstr("learn=policy: expected from="));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.learn = "model"; }), HasSubstr("only with learn=policy"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.learn = "model", c.from.clear(), c.data.clear(); }),
              HasSubstr("learn=model: expected data="));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.env_steps = 9; }), HasSubstr("env_steps: expected 0"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.from = "nowhere"; }), HasSubstr("'nowhere': expected a run"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.from += "@7"; }), HasSubstr("no checkpoint '7'"));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.model.latent_dim = 24; }),
              HasSubstr("model.latent_dim: expected 16, as in from="));
  EXPECT_THAT(error_with([](TrainConfig& c) { c.task = "dmc/cartpole-balance"; }),
              HasSubstr("expected dmc/cartpole-balance"));
}

// Return of the imagined rollouts, per decision a start, rises where nothing but the dream is asked.
TEST_F(StagedTest, APolicyEarnsMoreInTheDream) {
  TrainConfig model = model_config();
  model.updates = 600;
  train(model, path("model"));
  TrainConfig config = policy_config(path("model"));
  config.updates = 1500;
  config.eval_every = 0;
  config.log_every = 50;
  train(config, path("run"));
  const std::vector<MetricRow> rows = read_metrics(path("run"));
  double early = 0.0, late = 0.0;
  for (size_t i = 0; i < 5; ++i) {
    early += rows[i].values.at("actor/imagined_return");
    late += rows[rows.size() - 1 - i].values.at("actor/imagined_return");
  }
  EXPECT_GT(late, 1.2 * early);
}

}  // namespace
}  // namespace reverie::training
