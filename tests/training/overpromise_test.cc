#include "training/overpromise.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/temporary_directory.h"
#include "tests/training/support.h"
#include "training/dream_figures.h"
#include "training/trainer.h"

namespace reverie::training {
namespace {

using testing::HasSubstr;

std::map<std::string, double> figures(double simulated, double gap, double low) {
  DreamFigures figures;
  figures.simulated_return = simulated;
  figures.imagined_return = simulated + gap;
  figures.overpromise_low = low;
  return metric_values(figures);
}

TEST(OverpromiseWatch, SpeaksOnceWhenTheGapOpens) {
  OverpromiseWatch watch;
  EXPECT_FALSE(watch.look(figures(100.0, 30.0, 11.0)));
  const std::optional<std::string> line = watch.look(figures(100.0, 30.0, 11.0));
  ASSERT_TRUE(line.has_value());
  EXPECT_THAT(*line, HasSubstr("promises 130 where physics pays 100"));
  EXPECT_FALSE(watch.look(figures(100.0, 50.0, 40.0)));
}

TEST(OverpromiseWatch, SpeaksAgainAfterTheGapWasClosed) {
  OverpromiseWatch watch;
  watch.look(figures(100.0, 30.0, 11.0));
  watch.look(figures(100.0, 30.0, 11.0));
  watch.look(figures(100.0, 5.0, 1.0));
  EXPECT_FALSE(watch.look(figures(100.0, 30.0, 11.0)));
  EXPECT_TRUE(watch.look(figures(100.0, 30.0, 11.0)));
}

TEST(OverpromiseWatch, AnIntervalThatReachesTheLineIsNoGap) {
  OverpromiseWatch watch;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(watch.look(figures(100.0, 60.0, 9.9)));
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(watch.look(figures(-100.0, 60.0, 9.9)));
}

TEST(OverpromiseWatch, RowsWithoutFiguresChangeNothing) {
  OverpromiseWatch watch;
  watch.look(figures(100.0, 30.0, 11.0));
  EXPECT_FALSE(watch.look({{"train/updates", 5.0}}));
  EXPECT_TRUE(watch.look(figures(100.0, 30.0, 11.0)));
}

TEST(OverpromiseWatch, WhatCouldNotBeMeasuredIsNoGap) {
  OverpromiseWatch watch;
  watch.look(figures(100.0, 30.0, 11.0));
  EXPECT_FALSE(watch.look(metric_values({})));
  EXPECT_FALSE(watch.look(figures(100.0, 30.0, 11.0)));
}

TEST(OverpromiseWatch, ATrainingSaysItOnceAlsoWhenItIsResumed) {
  TrainConfig config = small_learning();
  config.env_steps = 800;
  config.random_steps = 160;
  config.envs = 8;
  config.updates_per_decision = 0.1;
  config.eval_every = 160;
  config.eval_episodes = 1;
  const base::TemporaryDirectory directory;
  std::vector<std::string> lines;
  int asked = 0;
  base::Stop stop;
  TrainHooks hooks;
  hooks.on_warning = [&](const std::string& line) { lines.push_back(line); };
  hooks.measure_dream = [&](const DreamQuestion&) {
    ++asked;
    return DreamFigures{.imagined_return = 150.0, .simulated_return = 100.0, .overpromise_low = 20.0};
  };
  hooks.stop = &stop;
  hooks.sinks = {[&](const MetricRow&) {
    if (asked == 3) stop.request();
  }};
  EXPECT_TRUE(train(config, directory.path() / "run", hooks).interrupted);
  EXPECT_THAT(lines, testing::ElementsAre(HasSubstr("promises 150 where physics pays 100")));
  hooks.stop = nullptr;
  EXPECT_FALSE(resume_training(directory.path() / "run", hooks).interrupted);
  EXPECT_GT(asked, 3);
  EXPECT_EQ(lines.size(), 1u);
}

}  // namespace
}  // namespace reverie::training
