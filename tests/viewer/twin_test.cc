#include "viewer/twin.h"

#include <gmock/gmock.h>

#include "evaluation/observation_error.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/playback.h"

namespace reverie::viewer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

class TwinTest : public ::testing::Test {
 protected:
  sim::ModelPtr model = render::load_twin_model();
};

TEST_F(TwinTest, PerfectDreamHasNoErrorAndTheSameReturn) {
  Twin twin(test_parts(model.get(), -9.81));
  for (int i = 0; i < 50; ++i) twin.step();
  const TwinHistory& history = twin.history();
  ASSERT_EQ(history.time.size(), 51u);
  EXPECT_THAT(history.error, Each(0.0));
  EXPECT_EQ(history.physics_return, history.dream_return);
  EXPECT_NEAR(history.time.back(), 1.0, 1e-12);
  EXPECT_TRUE(twin.clock().held);
  EXPECT_NEAR(twin.clock().seconds, 1.0, 1e-12);
}

TEST_F(TwinTest, BothWorldsTakeTheSameActions) {
  Twin twin(test_parts(model.get(), 0.0));
  twin.step();
  twin.driver = Driver::kDream;
  twin.step();
  EXPECT_THAT(twin.history().actions, ElementsAre(std::sin(0.1f), -1.0f));
}

TEST_F(TwinTest, ErrorIsTheRootMeanSquareInUnitsOfTheScale) {
  TwinParts parts = test_parts(model.get(), 9.81);
  parts.scale = {0.5f, 0.25f, 0.0f, 0.0f};  // cart left out
  Twin twin(std::move(parts));
  for (int i = 0; i < 30; ++i) twin.step();
  const auto a = twin.physics().observations(), b = twin.dream().observations();
  const double x = (a[0] - b[0]) / 0.5, y = (a[1] - b[1]) / 0.25;
  EXPECT_NEAR(twin.history().error.back(), std::sqrt((x * x + y * y) / 2), 1e-6);
  EXPECT_GT(twin.history().error.back(), 0.05);
}

TEST_F(TwinTest, ClockStopsWhenTheErrorFirstPassesTheThreshold) {
  Twin twin(test_parts(model.get(), 9.81));
  while (!twin.done()) twin.step();
  const auto& error = twin.history().error;
  const auto first = std::ranges::find_if(error, [](double e) { return e > evaluation::kValidError; });
  ASSERT_NE(first, error.end());
  EXPECT_FALSE(twin.clock().held);
  EXPECT_NEAR(twin.clock().seconds, (static_cast<double>(first - error.begin()) - 1) * 0.02, 1e-9);
}

TEST_F(TwinTest, AnchorsPutTheDreamBackOnPhysics) {
  Twin twin(test_parts(model.get(), 9.81));
  twin.anchor_every = 19;  // control steps: with two a step, every tenth step
  for (int i = 0; i < 25; ++i) twin.step();
  ASSERT_EQ(twin.history().anchor_times.size(), 2u);
  EXPECT_NEAR(twin.history().anchor_times[0], 0.2, 1e-12);
  EXPECT_NEAR(twin.history().anchor_times[1], 0.4, 1e-12);
  EXPECT_THAT(twin.clock().finished,
              ElementsAre(::testing::DoubleNear(0.2, 1e-9), ::testing::DoubleNear(0.2, 1e-9)));
  twin.anchor();
  EXPECT_THAT(twin.dream().positions(), ::testing::ElementsAreArray(twin.physics().positions()));
  EXPECT_THAT(twin.dream().velocities(), ::testing::ElementsAreArray(twin.physics().velocities()));
}

TEST_F(TwinTest, RecordsEveryControlStepOfPhysicsAndAnchorsOnTheLastOne) {
  Twin twin(test_parts(model.get(), 9.81));
  for (int i = 0; i < 7; ++i) twin.step();
  const contract::Episode& recording = twin.recording();
  check_consistent(recording);
  ASSERT_EQ(recording.length(), 14);
  EXPECT_NEAR(recording.return_sum(), twin.history().physics_return.back(), 1e-5);
  EXPECT_TRUE(std::ranges::equal(recording.physics_state(14), twin.physics().physics_states()));
  EXPECT_TRUE(std::ranges::equal(recording.observation(14), twin.physics().observations()));
  EXPECT_EQ(recording.action(13)[0], twin.history().actions.back());
  twin.anchor();
  EXPECT_EQ(static_cast<const TestWorld&>(twin.dream()).start_step, 14);
  EXPECT_TRUE(std::ranges::equal(twin.dream().physics_states(), twin.physics().physics_states()));
  twin.reset(1);
  EXPECT_EQ(twin.recording().length(), 0);
}

TEST_F(TwinTest, StopsAtTheTimeLimitAndResetsToAnotherEpisode) {
  Twin twin(test_parts(model.get(), -9.81));
  for (int i = 0; i < 250; ++i) twin.step();
  EXPECT_TRUE(twin.done());
  EXPECT_EQ(twin.steps(), 200);
  twin.reset(4);
  EXPECT_EQ(twin.episode(), 4u);
  EXPECT_EQ(twin.steps(), 0);
  EXPECT_EQ(twin.history().time.size(), 1u);
  EXPECT_FLOAT_EQ(twin.physics().observations()[0], std::sin(0.5f));
}

TEST_F(TwinTest, WorksWithoutADream) {
  Twin twin(test_parts(model.get(), 0, false));
  twin.step();
  twin.anchor();
  EXPECT_FALSE(twin.has_dream());
  EXPECT_THAT(twin.history().error, Each(0.0));
}

TEST_F(TwinTest, RefusesPartsThatDoNotFit) {
  TwinParts parts = test_parts(model.get(), -9.81);
  parts.physics = std::make_unique<TestWorld>(model.get(), 2, -9.81);
  EXPECT_THROW(Twin{std::move(parts)}, std::invalid_argument);
  parts = test_parts(model.get(), -9.81);
  parts.scale.pop_back();
  EXPECT_THROW(Twin{std::move(parts)}, std::invalid_argument);
  parts = test_parts(model.get(), -9.81);
  parts.scale = {0.0, 0.0, 0.0, 0.0};  // nothing varies: an error would have no unit
  EXPECT_THROW(Twin{std::move(parts)}, std::invalid_argument);
  parts = test_parts(model.get(), -9.81);
  parts.scale = {0.0, 0.0, 0.0, 0.0};
  parts.dream = nullptr;
  EXPECT_NO_THROW(Twin{std::move(parts)});
}

TEST_F(TwinTest, PlaybackKeepsTime) {
  Twin twin(test_parts(model.get(), -9.81));
  Playback playback;
  int steps = 0;
  for (int i = 0; i < 60; ++i) steps += advance(playback, twin, 1.0 / 60);
  EXPECT_EQ(steps, 50);  // one second at 0.02 s a step
  change_speed(playback, 2);
  EXPECT_EQ(advance(playback, twin, 0.1), 10 > 8 ? 8 : 10);  // at most 8 a frame, the rest is dropped
  EXPECT_EQ(advance(playback, twin, 0.0), 0);
}

TEST_F(TwinTest, PlaybackPausesStepsRestartsAndGoesOn) {
  Twin twin(test_parts(model.get(), -9.81));
  Playback playback{.paused = true};
  EXPECT_EQ(advance(playback, twin, 1.0), 0);
  playback.single_steps = 1;
  EXPECT_EQ(advance(playback, twin, 1.0), 1);
  EXPECT_EQ(twin.steps(), 1);
  playback.next = true;
  advance(playback, twin, 0);
  EXPECT_EQ(twin.episode(), 1u);
  EXPECT_EQ(twin.steps(), 0);
  playback.paused = false;
  while (!twin.done()) advance(playback, twin, 0.1);
  advance(playback, twin, 0.02);
  EXPECT_EQ(twin.episode(), 2u);
  playback.restart = true;
  advance(playback, twin, 0);
  EXPECT_EQ(twin.episode(), 2u);
  EXPECT_EQ(twin.steps(), 0);
}

TEST_F(TwinTest, SpeedStaysInItsRange) {
  Playback playback;
  for (int i = 0; i < 20; ++i) change_speed(playback, 2);
  EXPECT_EQ(playback.speed, kFastest);
  for (int i = 0; i < 20; ++i) change_speed(playback, 0.5);
  EXPECT_EQ(playback.speed, kSlowest);
}

}  // namespace
}  // namespace reverie::viewer
