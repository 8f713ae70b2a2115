#include "evaluation/long_run.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "evaluation/returns.h"
#include "evaluation/rollout.h"
#include "sim/simulated_world.h"
#include "tests/support/drift_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;

TEST(ObservationRange, IsThatOfTheEpisodesAndATenthMore) {
  const std::vector<contract::Episode> episodes{tests::drift_episode(8, [](int64_t) { return 0.25f; }),
                                                tests::drift_episode(8, [](int64_t) { return -1.0f; })};
  const ObservationRange range = observation_range(episodes);  // -8 to 2, and 7
  EXPECT_THAT(range.low, ElementsAre(testing::FloatEq(-9.0f), 7.0f));
  EXPECT_THAT(range.high, ElementsAre(testing::FloatEq(3.0f), 7.0f));
  EXPECT_TRUE(range.holds(std::vector{2.9f, 7.0f}));
  EXPECT_FALSE(range.holds(std::vector{3.1f, 7.0f}));
  EXPECT_FALSE(range.holds(std::vector{-9.1f, 7.0f}));
  EXPECT_FALSE(range.holds(std::vector{std::numeric_limits<float>::quiet_NaN(), 7.0f}));
  EXPECT_TRUE(observation_range({}).low.empty());
}

// Worlds of drift have no pose: the reader's model is not asked for any.
class LongRunTest : public ::testing::Test {
 protected:
  LongRun run(contract::World& world, int64_t control_steps) {
    options_.control_steps = control_steps;
    if (options_.range.low.empty()) options_.range = {{-1e6f, 7.0f}, {1e6f, 7.0f}};
    return long_run(world, first_rows(episodes_), policy_, tests::drift_spec(), reader_, options_);
  }

  std::vector<contract::Episode> episodes_{tests::drift_episode(4, [](int64_t) { return 0.0f; }),
                                           tests::drift_episode(
                                               4, [](int64_t) { return 0.0f; }, 2.0f)};
  tests::FunctionPolicy policy_ = tests::constant_policy(0.0f);
  PoseReader reader_{sim::Task::load("dmc/cartpole-swingup")};
  LongRunOptions options_;
};

TEST_F(LongRunTest, TellsTheReturnOfEveryWholeWindow) {
  tests::DriftWorld world;
  world.repeat = 2;
  std::vector<double> told;
  options_.progress = Progress([&](const ProgressNow& now) { told.push_back(now.of_part); }, 1.0);
  const LongRun alone = run(world, 2500);
  EXPECT_EQ(alone.rollouts, 2);
  EXPECT_EQ(alone.ended, 0);
  EXPECT_EQ(alone.poses.states, 2 * 1250);
  EXPECT_EQ(alone.finite, 2 * 1250);
  EXPECT_EQ(alone.in_range, 2 * 1250);
  EXPECT_THAT(alone.window_returns, ElementsAre(0.0, 2000.0, 0.0, 2000.0));
  ASSERT_EQ(told.size(), 1250u);
  EXPECT_EQ(told.front(), 1.0 / 1250.0);
  EXPECT_EQ(told.back(), 1.0);
}

TEST_F(LongRunTest, CountsWhatIsNotFiniteAndWhatLeavesTheRange) {
  policy_ = tests::constant_policy(0.5f);
  options_.range = {{-1.0f, 7.0f}, {100.0f, 7.0f}};
  tests::DriftWorld world;
  const LongRun away = run(world, 1000);
  EXPECT_EQ(away.finite, 2000);
  EXPECT_EQ(away.in_range, 200 + 196);  // the second one begins at 2
  world.offset = std::numeric_limits<float>::quiet_NaN();
  const LongRun broken = run(world, 1000);
  EXPECT_EQ(broken.finite, 0);
  EXPECT_EQ(broken.in_range, 0);
}

TEST_F(LongRunTest, AnEpisodeThatEndedEarnsNoWindow) {
  tests::DriftWorld world;
  world.survival = 0.9f;  // below one half after seven steps
  const LongRun ended = run(world, 2000);
  EXPECT_EQ(ended.ended, 2);
  EXPECT_EQ(ended.poses.states, 2 * 7);
  EXPECT_TRUE(ended.window_returns.empty());
}

TEST_F(LongRunTest, StopsWhenAsked) {
  base::Stop stop;
  tests::DriftWorld world;
  options_.stop = &stop;
  const auto ask = [&](const ProgressNow& now) {
    if (now.of_part >= 0.003) stop.request();
  };
  options_.progress = Progress(ask, 1.0);
  EXPECT_THROW(run(world, 100000), base::Interrupted);
}

TEST(LongRunInPhysics, GoesOnBeyondTheEndOfAnEpisode) {
  base::ThreadPool pool(1);
  const std::shared_ptr<const sim::Task> task = sim::Task::load("dmc/cartpole-swingup");
  tests::FunctionPolicy policy = tests::constant_policy(0.25f);
  const std::vector<contract::Episode> episodes =
      record_episodes(task, policy, {.count = 2, .seed = 4, .action_repeat = 2}, pool);
  const auto world = sim::make_simulated_world(task, pool, {.action_repeat = 2});
  PoseReader reader(task);
  const LongRun run = long_run(*world, first_rows(episodes), policy, task->spec(), reader,
                               {.control_steps = 3000, .range = observation_range(episodes), .seed = 4});
  ASSERT_EQ(run.window_returns.size(), 6u);
  EXPECT_EQ(run.ended, 0);
  EXPECT_EQ(run.finite, 3000);
  // The first windows are the episodes themselves.
  for (size_t n = 0; n < 2; ++n)
    EXPECT_NEAR(run.window_returns[n], episodes[n].return_sum(), 1e-4 * episodes[n].return_sum());
}

}  // namespace
}  // namespace reverie::evaluation
