#include "evaluation/pose_error.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;
using Positions = std::vector<float>;

// Of walker: height, place, lean, then hip, knee and ankle of either leg.
class WalkerPose : public testing::Test {
 protected:
  WalkerPose() { poses_.set_truth(Positions(9, 0.0f)); }
  std::shared_ptr<const sim::Task> task_ = sim::Task::load("dmc/walker-walk");
  PoseComparison poses_{task_};
};

TEST_F(WalkerPose, RootAndEndsAreKeyBodies) {
  EXPECT_THAT(poses_.key_bodies(), ElementsAre("torso", "right_foot", "left_foot"));
}

TEST_F(WalkerPose, TheSamePoseHasNoError) {
  const PoseError error = poses_.compare(Positions(9, 0.0f));
  EXPECT_EQ(error.translation, 0.0);
  EXPECT_EQ(error.rotation, 0.0);
  EXPECT_EQ(error.place, 0.0);
  EXPECT_EQ(error.turn, 0.0);
}

TEST_F(WalkerPose, AShiftMovesEveryBodyByItself) {
  const PoseError error = poses_.compare(Positions{0.3f, 0.4f, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_NEAR(error.place, 0.3, 1e-6);  // the floor is the same wherever it stands
  EXPECT_NEAR(error.translation, 0.5 / std::sqrt(2.0), 1e-6);
  EXPECT_EQ(error.rotation, 0.0);
  EXPECT_NEAR(error.turn, 0.0, 1e-9);
}

TEST_F(WalkerPose, ALeanTurnsEveryBodyByItself) {
  const PoseError error = poses_.compare(Positions{0, 0, 0.2f, 0, 0, 0, 0, 0, 0});
  EXPECT_NEAR(error.turn, 0.2 * 180.0 / std::numbers::pi, 1e-5);
  EXPECT_NEAR(error.rotation, 0.2 * 180.0 / std::numbers::pi / std::sqrt(7.0), 1e-5);
  EXPECT_EQ(error.translation, 0.0);
}

TEST_F(WalkerPose, AWholeTurnIsNoError) {
  const float turn = static_cast<float>(2.0 * std::numbers::pi);
  EXPECT_NEAR(poses_.compare(Positions{0, 0, turn, 0, 0, 0, 0, 0, 0}).rotation, 0.0,
              1e-4);                                                                   // lean has no limits
  EXPECT_GT(poses_.compare(Positions{0, 0, 0, turn, 0, 0, 0, 0, 0}).rotation, 100.0);  // a hip has
}

TEST_F(WalkerPose, WhatIsNoNumberIsInfinitelyFar) {
  Positions broken(9, 0.0f);
  broken[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isinf(poses_.compare(broken).place));
  EXPECT_TRUE(std::isinf(poses_.compare(broken).rotation));
}

TEST_F(WalkerPose, ConstantVelocityMovesAlong) {
  const Positions moved = poses_.moved(Positions(9, 1.0f), Positions{0, 2.0f, 0, 0, 0, 0, 0, 0, -1.0f}, 0.25);
  EXPECT_THAT(moved, ElementsAre(1.0f, 1.5f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 0.75f));
}

// The quadruped's root is free: three lengths, and a quaternion that is compared in its tangent space.
TEST(FreePose, QuaternionsAreComparedAsRotations) {
  const auto task = sim::Task::load("dmc/quadruped-walk");
  PoseComparison poses(task);
  Positions upright(static_cast<size_t>(task->spec().nq), 0.0f);
  upright[3] = 1.0f;
  poses.set_truth(upright);
  Positions other = upright;
  other[3] = -1.0f;  // the same rotation
  EXPECT_NEAR(poses.compare(other).rotation, 0.0, 1e-6);
  EXPECT_NEAR(poses.compare(other).turn, 0.0, 1e-6);
  other[3] = 2.0f * std::cos(0.1f);  // any length
  other[6] = 2.0f * std::sin(0.1f);
  EXPECT_NEAR(poses.compare(other).turn, 0.2 * 180.0 / std::numbers::pi, 1e-4);
}

}  // namespace
}  // namespace reverie::evaluation
