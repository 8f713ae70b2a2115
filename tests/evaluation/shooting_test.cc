#include "evaluation/shooting.h"

#include <gmock/gmock.h>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using testing::Each;
using testing::Lt;

struct Drift {
  contract::Episode episode = tests::drift_episode(
      40, [](int64_t) { return 0.25f; }, 1.0f);
  std::vector<contract::StartPoint> starts{{&episode, 0}, {&episode, 4}};
  tests::DriftWorld physics, model;
  ShootingSettings settings{.candidates = 16, .refinements = 2, .horizon = 4, .decisions = 6, .seed = 2};

  std::vector<double> played() { return shoot(physics, model, starts, tests::drift_spec(), settings); }
};

// From 1 without any action 6 are earned, with full actions 6 + 1 + 2 + ... + 6 = 27; from 2 they are 12 and 33.
TEST(Shooting, FindsTheWayUp) {
  Drift drift;
  const std::vector<double> returns = drift.played();
  EXPECT_GT(returns[0], 20.0);
  EXPECT_LE(returns[0], 27.0);
  EXPECT_GT(returns[1], 26.0);
}

TEST(Shooting, IsAFunctionOfTheSeed) {
  Drift drift;
  const std::vector<double> returns = drift.played();
  EXPECT_EQ(drift.played(), returns);
  drift.settings.seed = 3;
  EXPECT_NE(drift.played(), returns);
}

TEST(Shooting, ARowDoesNotDependOnWhatElseIsPlayed) {
  Drift drift;
  const std::vector<double> both = drift.played();
  drift.starts.pop_back();
  EXPECT_EQ(drift.played()[0], both[0]);
}

TEST(Shooting, FollowsItsModelWhereThatIsWrong) {
  Drift drift;
  drift.model.gain = -1.0f;
  EXPECT_THAT(drift.played(), Each(Lt(6.0)));
  drift.model.gain = 0.0f;  // nothing to choose by: as good as random
  EXPECT_LT(drift.played()[0], 20.0);
}

TEST(Shooting, RewardsAfterTheEndDoNotCount) {
  Drift drift;
  drift.physics.survival = 0.0f;
  drift.model.survival = 0.0f;
  EXPECT_THAT(drift.played(), Each(Lt(3.1)));  // of the first decision alone
}

TEST(Shooting, ItsCostIsAProduct) { EXPECT_EQ(Drift().settings.cost(2), 16 * 2 * 4 * 6 * 2); }

report::Estimate between(double low, double high) { return {(low + high) / 2.0, low, high, 8}; }

TEST(PlanningVerdict, IsDecidedByWholeIntervals) {
  using enum PlanningVerdict;
  const report::Estimate none{}, no_gap = between(-1.0, 1.0);
  EXPECT_EQ(planning_verdict(between(3.0, 9.0), none, 2.0), kModelBottleneck);
  EXPECT_EQ(planning_verdict(between(1.0, 9.0), none, 2.0), kInconclusive);  // the estimate is above the line
  EXPECT_EQ(planning_verdict(between(-9.0, -3.0), none, 2.0), kLearnedIsBetter);
  EXPECT_EQ(planning_verdict(between(-9.0, -1.0), none, 2.0), kInconclusive);
  EXPECT_EQ(planning_verdict(no_gap, none, 2.0), kAsGood);
  EXPECT_EQ(planning_verdict(no_gap, between(-5.0, 1.5), 2.0), kAsGood);
  EXPECT_EQ(planning_verdict(no_gap, between(3.0, 5.0), 2.0), kPlannerBottleneck);
  EXPECT_EQ(planning_verdict(no_gap, between(1.0, 5.0), 2.0), kAsGood);  // less is not shown
  EXPECT_EQ(planning_verdict(between(0.0, 0.0), none, 0.0), kAsGood);
  EXPECT_EQ(planning_verdict({}, none, 2.0), kInconclusive);
}

TEST(PlanningVerdict, HasAName) {
  EXPECT_STREQ(verdict_name(PlanningVerdict::kModelBottleneck), "model bottleneck");
  EXPECT_STREQ(verdict_name(PlanningVerdict::kInconclusive), "inconclusive");
}

}  // namespace
}  // namespace reverie::evaluation
