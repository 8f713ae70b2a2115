#include "viewer/stepper.h"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "tests/viewer/fake_worlds.h"

namespace reverie::viewer {
namespace {

// Looks until `holds`; false after half a minute.
template <typename Condition>
bool comes(const Condition& holds) {
  for (int i = 0; i < 30000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

class StepperTest : public ::testing::Test {
 protected:
  sim::ModelPtr model = render::load_twin_model();
  Twin twin{test_parts(model.get(), -9.3)};
  TwinView view;
};

TEST_F(StepperTest, InLockStepTheSameCallsGiveTheSameViews) {
  Stepper stepper(twin, {}, Pace::kLockStep);
  EXPECT_TRUE(stepper.update(view));
  EXPECT_FALSE(stepper.update(view));  // nothing newer
  EXPECT_EQ(view.steps(), 0);
  stepper.advance(0.1);
  EXPECT_EQ(view.steps(), 0);
  EXPECT_TRUE(stepper.update(view));
  EXPECT_EQ(view.steps(), 5);
  EXPECT_EQ(view.history().error, twin.history().error);
  EXPECT_TRUE(std::ranges::equal(view.dream().positions, twin.dream().positions()));
}

TEST_F(StepperTest, AViewTakesTheRowsThatItLacks) {
  Stepper stepper(twin, {}, Pace::kLockStep);
  for (int i = 0; i < 40; ++i) {
    if (i % 7 == 3) stepper.request([](Twin& t, Playback&) { t.anchor(); });
    if (i == 25) stepper.request([](Twin& t, Playback&) { t.reset(2); });  // another history
    stepper.advance(0.02 * (i % 3));
    if (i % 5 != 0) stepper.update(view);  // some are never looked at
    if (i % 5 == 0) continue;
    ASSERT_EQ(view.steps(), twin.steps()) << i;
    ASSERT_EQ(view.history().time, twin.history().time) << i;
    ASSERT_EQ(view.history().physics_return, twin.history().physics_return) << i;
    ASSERT_EQ(view.history().actions, twin.history().actions) << i;
    ASSERT_EQ(view.history().anchor_times, twin.history().anchor_times) << i;
    ASSERT_EQ(view.clock().finished, twin.clock().finished) << i;
  }
  EXPECT_EQ(view.episode(), 2u);
}

TEST_F(StepperTest, AThreadStepsByTheClockAndTakesCommandsInOrder) {
  Stepper stepper(twin, {.speed = 4}, Pace::kRealTime);
  const auto reaches = [&](int64_t steps) {
    return comes([&] { return stepper.update(view), view.steps() >= steps; });
  };
  EXPECT_TRUE(reaches(20));
  stepper.request([](Twin&, Playback& playback) { playback.paused = true; });
  stepper.request([](Twin& t, Playback&) { t.reset(1); });
  stepper.request([](Twin&, Playback& playback) { playback.single_steps = 3; });
  EXPECT_TRUE(comes([&] { return stepper.update(view), view.episode() == 1 && view.steps() == 3; }));
  Twin same(test_parts(model.get(), -9.3));
  same.reset(1);
  for (int i = 0; i < 3; ++i) same.step();
  EXPECT_EQ(view.history().error, same.history().error);
}

TEST_F(StepperTest, WhatAStepThrowsIsThrownWhereTheViewIsTaken) {
  Stepper stepper(twin, {}, Pace::kRealTime);
  stepper.request([](Twin&, Playback&) { throw std::out_of_range("row 7"); });
  std::string said;
  EXPECT_TRUE(comes([&] {
    try {
      stepper.update(view);
    } catch (const std::out_of_range& error) {
      said = error.what();
    }
    return !said.empty();
  }));
  EXPECT_EQ(said, "row 7");
  for (int i = 0; i < 1000; ++i) stepper.request([](Twin&, Playback&) {});  // nobody waits for a dead thread
}

TEST(TripleBuffer, TheReaderSeesWholeValuesAndInTheEndTheLast) {
  TripleBuffer<std::array<int, 64>> buffer;
  constexpr int kLast = 20000;
  std::thread writer([&] {
    for (int value = 1; value <= kLast; ++value) {
      buffer.back().fill(value);
      buffer.publish();
    }
  });
  int newest = 0;
  while (newest < kLast) {
    if (!buffer.update()) continue;
    const std::array<int, 64> seen = buffer.front();
    ASSERT_THAT(seen, ::testing::Each(seen[0]));
    ASSERT_GT(seen[0], newest);
    newest = seen[0];
  }
  writer.join();
  EXPECT_FALSE(buffer.update());
}

TEST(CommandQueue, KeepsOrderBetweenThreadsAndRefusesWhenFull) {
  CommandQueue<int, 8> queue;
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(queue.push(i));
  int ninth = 9, taken = -1;
  EXPECT_FALSE(queue.push(ninth));
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(queue.take(taken));
    EXPECT_EQ(taken, i);
  }
  EXPECT_FALSE(queue.take(taken));
  constexpr int kCount = 20000;
  std::thread writer([&] {
    for (int i = 0; i < kCount;) {
      int value = i;
      if (queue.push(value)) ++i;
    }
  });
  for (int expected = 0; expected < kCount;) {
    if (!queue.take(taken)) continue;
    ASSERT_EQ(taken, expected);
    ++expected;
  }
  writer.join();
}

}  // namespace
}  // namespace reverie::viewer
