#include "training/loss_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/temporary_directory.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/metrics.h"
#include "training/trainer.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

using testing::HasSubstr;

TEST(LossGuard, ThreeUpdatesInARowThatAreNotFiniteAreTooMany) {
  LossGuard guard;
  for (const bool skipped : {true, true, false, true, true}) guard.look_at_update(skipped);
  EXPECT_EQ(guard.skipped(), 4);
  EXPECT_THROW(guard.look_at_update(true), LossesExploded);
}

TEST(LossGuard, ALossThatGrowsTenThousandfoldIsAnExplosion) {
  LossGuard guard;
  for (int i = 0; i < 5; ++i) guard.look_at_row({{"model/loss", 2.0}, {"eval/return", 1e9}});
  guard.look_at_row({{"model/loss", 2.9e4}});  // much, but below 1e4 * (1 + 2)
  EXPECT_THROW(guard.look_at_row({{"model/loss", 3.1e4}}), LossesExploded);
}

TEST(LossGuard, TheFirstRowsAreNotJudged) {
  LossGuard guard;
  for (const double loss : {1.0, 1e9, 1.0, 1e9}) EXPECT_NO_THROW(guard.look_at_row({{"critic/loss", loss}}));
}

// A weight at which every training explodes: it goes back once, and stops the second time.
TEST(LossGuard, ATrainingGoesBackOnceAndThenStops) {
  tensor::set_learner_threads(1);
  const base::TemporaryDirectory scratch;
  const fs::path run = scratch.path() / "run";
  TrainConfig config = small_learning();
  config.env_steps = 800;
  config.random_steps = 300;  // a checkpoint comes before the first update
  config.eval_every = 0;
  config.checkpoint_every = 100;
  config.log_every = 100;
  config.updates_per_decision = 0.5;
  config.model.reward_weight = 1e38;
  std::vector<std::string> warnings;
  TrainHooks hooks;
  hooks.on_warning = [&](const std::string& line) { warnings.push_back(line); };
  std::string end;
  try {
    train(config, run, hooks);
  } catch (const LossesExploded& exploded) {
    end = exploded.what();
  }
  EXPECT_THAT(end, HasSubstr("after it had gone back once"));
  EXPECT_THAT(warnings, testing::Contains(HasSubstr("back to checkpoint")));
  EXPECT_NO_THROW(load_checkpoint(run, resolve_checkpoint(run, "last"), false));
}

}  // namespace
}  // namespace reverie::training
