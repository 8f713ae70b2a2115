#include "evaluation/state_survey.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "contract/random_policy.h"
#include "evaluation/pose_error.h"
#include "report/statistics.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

using testing::Each;

// Walker under random actions: physics as its own model, and worlds that are wrong in ways that are known.
class SurveyTest : public testing::Test {
 protected:
  SurveyTest() {
    const auto random = contract::random_policy(task_->spec(), contract::Stream::kEvaluation);
    episodes_ = record_episodes(task_, *random, {.count = 2, .action_repeat = 2}, pool_);
  }

  PairedRollouts rollouts(double gravity_scale = 1.0) {
    const auto world =
        sim::make_simulated_world(task_, pool_, {.action_repeat = 2, .gravity_scale = gravity_scale});
    return pair_rollouts(*world, nullptr, episodes_, {.horizon = 60, .max_starts = 8});
  }

  Replays survey(const PairedRollouts& rollouts) {
    return survey_replays(*task_, poses_, physics_, rollouts, 1);
  }

  base::ThreadPool pool_{1};
  std::shared_ptr<const sim::Task> task_ = sim::Task::load("dmc/walker-walk");
  std::vector<contract::Episode> episodes_;
  PoseReader poses_{task_};
  PhysicsReader physics_{task_};
};

TEST_F(SurveyTest, PhysicsAsItsOwnModelAgreesInEverything) {
  const Replays found = survey(rollouts());
  EXPECT_EQ(found.imagined_ghost, found.simulated_ghost);
  EXPECT_EQ(found.imagined.penetration, found.simulated.penetration);
  EXPECT_EQ(found.imagined.slip, found.simulated.slip);
  EXPECT_EQ(found.simulated.states, 8 * 30);
  EXPECT_EQ(found.simulated.finite, 8 * 30);
  EXPECT_LT(found.instrument_error, 1e-3);
  ContactCounts contacts;
  OnsetCounts onsets;
  for (const ContactCounts& counts : found.early_contacts) contacts.add(counts);
  for (const OnsetCounts& counts : found.early_onsets) onsets.add(counts);
  EXPECT_EQ(contacts.f1(), 1.0);
  EXPECT_GT(onsets.onsets, 0);
  EXPECT_EQ(onsets.missed + onsets.distance, 0);
  for (const std::vector<double>& drifts : found.drift) EXPECT_THAT(drifts, Each(0.0));
}

TEST_F(SurveyTest, OtherGravityIsFoundOut) {
  const Replays found = survey(rollouts(0.2));
  ContactCounts contacts;
  for (const ContactCounts& counts : found.early_contacts) contacts.add(counts);
  EXPECT_LT(contacts.f1(), 0.95);
  EXPECT_NE(report::mean(found.drift.back()), 0.0);
  EXPECT_NE(found.imagined_ghost, found.simulated_ghost);
}

// A frozen world stays in the pose of the start and does not move: nothing slips, and every body hovers or is held.
TEST_F(SurveyTest, AFrozenWorldIsPersistence) {
  PairedRollouts frozen = rollouts();
  const auto freeze = [](std::vector<float>& rows, size_t width) {
    for (size_t i = width; i < rows.size(); ++i) rows[i] = rows[i - width];
  };
  freeze(frozen.world.positions, static_cast<size_t>(frozen.world.nq * frozen.world.count));
  std::ranges::fill(frozen.world.velocities, 0.0f);
  const Replays found = survey(frozen);
  EXPECT_THAT(found.imagined.slip, Each(0.0));
  PoseComparison poses(task_);
  for (int64_t k = 0; k <= frozen.truth.decisions; k += 10) {
    poses.set_truth(frozen.world.position(0, 3));
    EXPECT_EQ(poses.compare(frozen.world.position(k, 3)).place, 0.0);
  }
}

TEST_F(SurveyTest, WhatIsNoNumberIsCountedAndLeftOut) {
  PairedRollouts broken = rollouts();
  broken.world.positions.back() = std::numeric_limits<float>::quiet_NaN();  // last horizon of the last start
  const Replays found = survey(broken);
  EXPECT_EQ(found.imagined.states - found.imagined.finite, 1);
  EXPECT_EQ(found.drift.back().size() + 1, found.drift.front().size());
  for (const double ghost : found.imagined_ghost) EXPECT_TRUE(std::isfinite(ghost));  // medians
}

TEST_F(SurveyTest, EveryFifthStateOfEachEpisodeIsLookedAt) {
  const Visits visits = recorded_visits(episodes_, task_->spec(), 2);
  const StateMeans all = survey_visits(poses_, physics_, visits, 1),
                   some = survey_visits(poses_, physics_, visits, 5);
  EXPECT_EQ(all.states, visits.states());
  EXPECT_EQ(some.states, visits.states() / 5);
  EXPECT_EQ(some.penetration.size(), 2u);
  EXPECT_TRUE(some.quaternion_error.empty());
}

}  // namespace
}  // namespace reverie::evaluation
