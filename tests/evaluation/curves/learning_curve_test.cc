#include "evaluation/curves/learning_curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "base/temporary_directory.h"
#include "training/metrics.h"
#include "training/run_directory.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;

TEST(LearningCurve, HoldsTheFiniteEvaluations) {
  base::TemporaryDirectory scratch;
  const auto run = scratch.path() / "run";
  training::TrainConfig config;
  config.task = "dmc/reacher-easy";
  config.seed = 7;
  training::create_run_directory(run, config);
  EXPECT_TRUE(read_learning_curve(run).steps.empty());  // nothing has been measured yet
  training::append_metrics(run, {500, {{"train/loss", 1.0}, {"time/seconds", 3.0}}});
  training::append_metrics(run, {1000, {{"eval/return", 12.5}, {"time/seconds", 6.0}}});
  training::append_metrics(run, {1500, {{"eval/return", std::numeric_limits<double>::quiet_NaN()}}});
  training::append_metrics(
      run, {2000, {{"eval/return", 50.0}, {"dream/valid_steps", 54.0}, {"time/seconds", 11.0}}});
  const LearningCurve curve = read_learning_curve(run);
  EXPECT_EQ(curve.task, "dmc/reacher-easy");
  EXPECT_EQ(curve.seed, 7);
  EXPECT_EQ(curve.seconds, 11.0);
  EXPECT_FALSE(curve.fixed_data);
  EXPECT_THAT(curve.steps, ElementsAre(1000.0, 2000.0));
  EXPECT_THAT(curve.wall, ElementsAre(6.0, 11.0));
  EXPECT_THAT(curve.returns, ElementsAre(12.5, 50.0));
  EXPECT_THAT(curve.valid_steps, ElementsAre(testing::IsNan(), 54.0));
  EXPECT_THROW(read_learning_curve(scratch.path()), base::UserError);
}

}  // namespace
}  // namespace reverie::evaluation
