// A run under max_memory goes on under it, in the same bits, though the process that goes on has more than the first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_directory.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/memory_plan.h"
#include "training/run_directory.h"
#include "training/trainer.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

TrainConfig short_config() {
  TrainConfig config = small_learning();
  config.env_steps = 1200;
  config.random_steps = 200;
  config.updates_per_decision = 0.1;
  config.eval_every = 0;
  config.checkpoint_every = 400;
  return config;
}

TEST(MemoryResume, ALimitThatTheProcessIsAboveAlreadyStopsNoRunThatHasBegun) {
  tensor::set_learner_threads(1);
  const base::TemporaryDirectory scratch;
  const fs::path whole = scratch.path() / "whole", run = scratch.path() / "run";
  TrainConfig config = short_config();
  train(config, whole);

  base::Stop stop;
  TrainHooks hooks;
  hooks.stop = &stop;
  hooks.on_progress = [&](const TrainProgress& progress) {
    if (progress.env_steps >= 700) stop.request();
  };
  EXPECT_TRUE(train(config, run, hooks).interrupted);
  config.max_memory = resident_mb() / 2.0;
  write_run_config(run, config);

  std::vector<std::string> warnings, notes;
  TrainHooks looking;
  looking.on_warning = [&](const std::string& line) { warnings.push_back(line); };
  looking.on_note = [&](const std::string& line) { notes.push_back(line); };
  EXPECT_FALSE(resume_training(run, looking).interrupted);
  EXPECT_THAT(warnings,
              Contains(AllOf(HasSubstr("the run goes on with more: memory: "), HasSubstr("replay"))));
  EXPECT_TRUE(notes.empty());  // the same, once
  EXPECT_EQ(weights_hash(run), weights_hash(whole));

  // One that has not begun is refused, and leaves nothing.
  EXPECT_THAT(error_of([&] { train(config, scratch.path() / "new"); }), HasSubstr("is needed"));
  EXPECT_FALSE(fs::exists(scratch.path() / "new"));
}

TEST(MemoryResume, EveryTrainingSaysItsPlanOnce) {
  tensor::set_learner_threads(1);
  const base::TemporaryDirectory scratch;
  TrainConfig config = short_config();
  config.env_steps = 400;
  std::vector<std::string> notes;
  TrainHooks looking;
  looking.on_note = [&](const std::string& line) { notes.push_back(line); };
  train(config, scratch.path() / "run", looking);
  resume_training(scratch.path() / "run", looking, 600);
  ASSERT_EQ(notes.size(), 2U);
  for (const std::string& note : notes)
    EXPECT_THAT(note, AllOf(testing::StartsWith("memory: "), HasSubstr(" now ("), HasSubstr("optimisers"),
                            HasSubstr("an update"), HasSubstr("replay"), HasSubstr("episodes until")));
}

}  // namespace
}  // namespace reverie::training
