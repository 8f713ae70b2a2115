#include "evaluation/optimism.h"

#include <gmock/gmock.h>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;

// Two starts of four sequences. Best of the first 8, so that 4 is enough; best of the second 2 of those that survive.
const Outcomes kPhysics{{8.0, 4.0, 3.0, 0.0, 2.0, 1.0, 9.0, 0.5}, {1, 1, 1, 1, 1, 1, 0, 1}};

TEST(Optimism, TheSameOutcomesAreNeitherPromisedNorMissed) {
  const Optimism found = compare_outcomes(kPhysics, kPhysics);
  EXPECT_EQ(found.starts, 2);
  EXPECT_EQ(found.succeeded, 4);
  EXPECT_EQ(found.failed, 4);
  EXPECT_EQ(found.promised, 0);
  EXPECT_EQ(found.missed, 0);
  EXPECT_EQ(found.simulated, found.imagined);
}

TEST(Optimism, ADreamIsHeldToWhatPhysicsPays) {
  Outcomes dream = kPhysics;
  dream.returns[2] = 5.0;   // failed with 3 in physics
  dream.survived[6] = 1;    // did not survive in physics
  dream.returns[0] = 3.5;   // succeeded with 8 in physics
  dream.survived[4] = 0;    // survived in physics
  dream.returns[3] = 3.99;  // more than in physics, yet a failure in both
  const Optimism found = compare_outcomes(kPhysics, dream);
  EXPECT_EQ(found.promised, 2);
  EXPECT_EQ(found.missed, 2);
  EXPECT_EQ(found.failed, 4);
  EXPECT_EQ(found.succeeded, 4);
  EXPECT_DOUBLE_EQ(found.imagined[2], 5.0 / 8.0);
}

TEST(Optimism, WhatIsNoNumberIsAFailure) {
  Outcomes dream = kPhysics;
  for (double& value : dream.returns) value = std::nan("");
  const Optimism found = compare_outcomes(kPhysics, dream);
  EXPECT_EQ(found.promised, 0);
  EXPECT_EQ(found.missed, 4);
}

TEST(Optimism, StartsThatPayNothingTellNothing) {
  const Outcomes nothing{{0.0, 0.0, -1.0, 0.0, 5.0, 0.0, 0.0, 0.0}, {1, 1, 1, 1, 0, 1, 1, 1}};
  const Optimism found = compare_outcomes(nothing, nothing);
  EXPECT_EQ(found.starts, 0);
  EXPECT_EQ(found.failed + found.succeeded, 0);
  EXPECT_TRUE(found.simulated.empty());
}

// Episodes with actions 0.25, 0.5 and -0.25 a step: after 2 steps from x the rewards are x + a and x + 2a.
TEST(TrySequences, PlaysOwnActionsThoseOfOthersAndRandomOnes) {
  const std::vector<contract::Episode> episodes{tests::drift_episode(
                                                    10, [](int64_t) { return 0.25f; }, 1.0f),
                                                tests::drift_episode(
                                                    10, [](int64_t) { return 0.5f; }, 2.0f),
                                                tests::drift_episode(
                                                    10, [](int64_t) { return -0.25f; }, 3.0f)};
  const std::vector<contract::StartPoint> starts{{&episodes[0], 0}, {&episodes[1], 0}, {&episodes[2], 0}};
  tests::DriftWorld world;
  const Outcomes outcomes = try_sequences(world, starts, tests::drift_spec(), 2, 5);
  ASSERT_EQ(outcomes.returns.size(), 12u);
  EXPECT_THAT(std::vector(outcomes.returns.begin(), outcomes.returns.begin() + 3),
              ElementsAre(2.75, 3.5, 1.25));
  EXPECT_THAT(std::vector(outcomes.returns.begin() + 4, outcomes.returns.begin() + 7),
              ElementsAre(5.5, 3.25, 4.75));
  EXPECT_NE(outcomes.returns[3], 2.0);  // random actions are not none,
  tests::DriftWorld same;
  EXPECT_EQ(try_sequences(same, starts, tests::drift_spec(), 2, 5).returns, outcomes.returns);
  EXPECT_NE(try_sequences(same, starts, tests::drift_spec(), 2, 6).returns[3], outcomes.returns[3]);
  world.survival = 0.5f;
  const Outcomes mortal = try_sequences(world, starts, tests::drift_spec(), 2, 5);
  EXPECT_DOUBLE_EQ(mortal.returns[0], 1.25 + 0.5 * 1.5);
  EXPECT_EQ(mortal.survived[0], 0);
  EXPECT_EQ(outcomes.survived[0], 1);
}

}  // namespace
}  // namespace reverie::evaluation
