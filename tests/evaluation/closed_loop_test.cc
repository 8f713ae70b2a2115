#include "evaluation/closed_loop.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "contract/recorded_policy.h"
#include "evaluation/returns.h"
#include "evaluation/rollout.h"
#include "sim/simulated_world.h"
#include "tests/support/drift_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

using tests::drift_episode;
using tests::drift_spec;
using tests::DriftWorld;

using testing::ElementsAre;

float constant_action(int64_t) { return 0.25f; }

std::vector<contract::Episode> two_episodes() {
  return {drift_episode(8, constant_action), drift_episode(8, constant_action, 2.0f)};
}

Visits drift_visits(DriftWorld& world, int64_t control_steps) {
  const std::vector<contract::Episode> episodes = two_episodes();
  tests::FunctionPolicy policy = tests::constant_policy(0.25f);
  return closed_loop(world, first_rows(episodes), policy, drift_spec(), 0, control_steps);
}

TEST(ClosedLoop, ShowsTheStateAfterEveryWholeDecision) {
  DriftWorld world;
  world.repeat = 2;
  const Visits visits = drift_visits(world, 5);  // two decisions and a half
  EXPECT_EQ(visits.states(), 4);
  EXPECT_THAT(visits.observation(0), ElementsAre(0.5, 2.5, 1.0, 3.0));
  EXPECT_THAT(visits.observation(1), ElementsAre(7.0, 7.0, 7.0, 7.0));
}

TEST(ClosedLoop, TheLogHasEveryDecisionOfEveryRollout) {
  DriftWorld world;
  world.repeat = 2;
  world.survival = 0.5f;
  const std::vector<contract::Episode> episodes = two_episodes();
  tests::FunctionPolicy policy = tests::constant_policy(0.25f);
  DecisionLog log;
  const Visits visits =
      closed_loop(world, first_rows(episodes), policy, drift_spec(), 0, 5, nullptr, {}, &log);
  EXPECT_EQ(log.decisions, 3);
  EXPECT_EQ(log.count, 2);
  EXPECT_THAT(log.actions, ElementsAre(0.25f, 0.25f, 0.25f, 0.25f, 0.25f, 0.25f));
  EXPECT_THAT(log.rewards, ElementsAre(0.75f, 4.75f, 1.75f, 5.75f, 2.75f, 6.75f));
  EXPECT_THAT(log.alive, ElementsAre(1.0, 1.0, 0.5, 0.5, 0.25, 0.25));
  EXPECT_EQ(log.weight(2, 0), 0.5 * 0.25);
  EXPECT_EQ(log.part(1), 1.0);
  double sum = 0.0;
  for (int64_t k = 0; k < 3; ++k) sum += log.weight(k, 1) * log.rewards[log.at(k, 1)];
  EXPECT_EQ(sum, visits.returns[1]);
}

TEST(ClosedLoop, AnEpisodeThatProbablyEndedIsLeftOut) {
  DriftWorld world;
  world.survival = 0.7f;  // 0.49 after two steps
  EXPECT_EQ(drift_visits(world, 5).states(), 2 * 2);
}

TEST(ClosedLoop, OfTheSimulatorIsWhatWasRecorded) {
  base::ThreadPool pool(1);
  for (const char* name : {"dmc/cartpole-swingup", "dmc/walker-walk"}) {
    const std::shared_ptr<const sim::Task> task = sim::Task::load(name);
    const contract::EnvSpec& spec = task->spec();
    tests::FunctionPolicy policy = tests::constant_policy(0.25f);
    const std::vector<contract::Episode> episodes =
        record_episodes(task, policy, {.count = 2, .seed = 4, .action_repeat = 2}, pool);
    const std::vector<contract::StartPoint> starts = first_rows(episodes);
    const auto world = sim::make_simulated_world(task, pool, {.action_repeat = 2});
    const auto actions = contract::recorded_policy(starts, 2);
    const Visits recorded = recorded_visits(episodes, spec, 2);
    Visits played = closed_loop(*world, starts, *actions, spec, 4, spec.episode_steps);
    EXPECT_EQ(recorded.states(), 2 * spec.episode_steps / 2);
    EXPECT_EQ(played.states(), recorded.states());
    EXPECT_EQ(played.positions.size(), recorded.positions.size());
    EXPECT_EQ(played.velocities.size(), recorded.velocities.size());
    const ObservationDistances same = compare_observations(recorded, played);
    EXPECT_EQ(same.largest, 0.0);
    EXPECT_EQ(same.mean, 0.0);
    // One observation shifted by far: the largest distance is there and is 1.
    for (size_t i = 1; i < played.observations.size(); i += static_cast<size_t>(played.observation_dim))
      played.observations[i] += 1000.0f;
    const ObservationDistances shifted = compare_observations(recorded, played);
    EXPECT_EQ(shifted.largest, 1.0);
    EXPECT_EQ(shifted.largest_dimension, 1);
    EXPECT_NEAR(shifted.mean * spec.observation_dim, 1.0, 1e-12);
  }
}

TEST(ClosedLoop, WhatDoesNotVaryIsNotCompared) {
  DriftWorld world, shifted;
  shifted.offset = 100.0f;
  const ObservationDistances distances =
      compare_observations(drift_visits(world, 8), drift_visits(shifted, 8));
  EXPECT_EQ(distances.ks[0], 1.0);
  EXPECT_TRUE(std::isnan(distances.ks[1]));
  EXPECT_EQ(distances.mean, 1.0);
}

TEST(ClosedLoop, ANumberThatIsNoneIsAsFarAsCanBe) {
  DriftWorld world, broken;
  broken.offset = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(compare_observations(drift_visits(world, 8), drift_visits(broken, 8)).largest, 1.0);
}

TEST(ClosedLoop, OfNothingHasNoDistance) {
  const ObservationDistances none = compare_observations(Visits{}, Visits{});
  EXPECT_TRUE(std::isnan(none.mean));
  EXPECT_TRUE(std::isnan(none.largest));
}

}  // namespace
}  // namespace reverie::evaluation
