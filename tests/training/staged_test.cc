// One stage at a time: the world model alone, then a policy inside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "base/safetensors.h"
#include "base/temporary_directory.h"
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
  const Run run = open_run(path("run"));
  const auto drawn = make_agent(run.task->spec(), run.config, static_cast<uint64_t>(config.seed), tensor::kCpu)
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

}  // namespace
}  // namespace reverie::training
