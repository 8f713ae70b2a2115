#include "evaluation/admissibility.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace reverie::evaluation {
namespace {

// Of walker: height, place, lean, then hip, knee and ankle of either leg. At zero it stands straight.
using Positions = std::vector<float>;

class PoseTest : public ::testing::Test {
 protected:
  Pose pose(const Positions& positions) { return reader_.read(positions); }

  std::shared_ptr<const sim::Task> task_ = sim::Task::load("dmc/walker-walk");
  PoseReader reader_{task_};
};

TEST_F(PoseTest, InTheAirNothingTouches) {
  const Pose in_the_air = pose({1.0f, 0, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_TRUE(in_the_air.finite);
  EXPECT_FALSE(in_the_air.touches_ground);
  EXPECT_EQ(in_the_air.penetration, 0.0);
  EXPECT_EQ(in_the_air.beyond_limit, 0.0);
}

TEST_F(PoseTest, AFootIsAsDeepInTheFloorAsItIsLowered) {
  const double standing = pose({-0.1f, 0, 0, 0, 0, 0, 0, 0, 0}).ground_penetration;
  const Pose lower = pose({-0.15f, 0, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_TRUE(lower.touches_ground);
  EXPECT_GT(standing, 0.0);
  EXPECT_NEAR(lower.ground_penetration - standing, 0.05, 1e-6);
  EXPECT_GE(lower.penetration, lower.ground_penetration);
}

TEST_F(PoseTest, AJointIsBeyondTheNearerStop) {
  // Knees bend from -150 to 0 degrees.
  EXPECT_NEAR(pose({1.0f, 0, 0, 0, 0.3f, 0, 0, 0, 0}).beyond_limit, 0.3, 1e-6);
  EXPECT_NEAR(pose({1.0f, 0, 0, 0, -3.0f, 0, 0, 0, 0}).beyond_limit, 3.0 - 150.0 * M_PI / 180.0, 1e-6);
  EXPECT_EQ(pose({1.0f, 100.0f, 0, 0, -1.0f, 0, 0, 0, 0}).beyond_limit, 0.0);  // the root has no stops
}

TEST_F(PoseTest, WhatIsNoNumberIsNoPose) {
  EXPECT_FALSE(pose({1.0f, 0, 0, 0, 0, 0, 0, 0, std::numeric_limits<float>::quiet_NaN()}).finite);
  EXPECT_FALSE(pose({std::numeric_limits<float>::infinity(), 0, 0, 0, 0, 0, 0, 0, 0}).finite);
  EXPECT_TRUE(pose({1.0f, 0, 0, 0, 0, 0, 0, 0, 0}).finite);  // and leaves nothing behind
}

TEST_F(PoseTest, EveryStateIsCounted) {
  Visits visits;
  visits.nq = 9;
  for (const Positions& row :
       {Positions{1.0f, 0, 0, 0, 0, 0, 0, 0, 0}, Positions{1.0f, 0, 0, 0, 0.3f, 0, 0, 0, 0},
        Positions{-0.5f, 0, 0, 0, 0, 0, 0, 0, 0},
        Positions{std::numeric_limits<float>::quiet_NaN(), 0, 0, 0, 0, 0, 0, 0, 0}})
    visits.positions.insert(visits.positions.end(), row.begin(), row.end());
  const Admissibility poses = read_poses(reader_, visits);
  EXPECT_EQ(poses.states, 4);
  EXPECT_EQ(poses.touching_ground, 1);
  EXPECT_EQ(poses.sunk, 1);
  EXPECT_EQ(poses.penetrating, 1);
  EXPECT_EQ(poses.beyond_limits, 1);
  EXPECT_EQ(poses.admissible, 1);
  EXPECT_EQ(poses.share(poses.admissible), 0.25);
  EXPECT_GT(poses.deepest, kSunk);
  EXPECT_TRUE(std::isnan(Admissibility{}.share(0)));
}

}  // namespace
}  // namespace reverie::evaluation
