#include "evaluation/counterfactuals.h"

#include <gmock/gmock.h>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using testing::Each;
using testing::ElementsAre;

const std::vector<double> kSpread{0.5, 0.0};  // of the two observations of a drift episode

// Two starts of an episode whose actions are 0.25.
struct Drift {
  contract::Episode episode = tests::drift_episode(
      20, [](int64_t) { return 0.25f; }, 1.0f);
  tests::DriftWorld physics;
  Alternatives alternatives =
      make_alternatives(physics, std::vector<contract::StartPoint>{{&episode, 0}, {&episode, 2}}, nullptr,
                        tests::drift_spec(), 8, 3);
  Rollouts truth = play_alternatives(physics, alternatives);

  ActionEffects effects(tests::DriftWorld dream, int64_t decisions = 8) {
    return compare_effects(alternatives, truth, play_alternatives(dream, alternatives), kSpread, decisions);
  }
};

TEST(Counterfactuals, SequencesAreRecordedNoneRandomAndBumped) {
  const Drift drift;
  const Alternatives& made = drift.alternatives;
  EXPECT_THAT(made.names, ElementsAre("recorded", "zero", "random 1", "random 2", "random 3", "bumped up",
                                      "bumped down"));
  ASSERT_EQ(made.actions.size(), 8u * 2 * 7);
  const auto action = [&](int64_t k, int64_t s) {
    return made.actions[static_cast<size_t>(k * 14 + made.row(1, s))];
  };
  EXPECT_EQ(action(0, 0), 0.25f);
  EXPECT_EQ(action(7, 1), 0.0f);
  EXPECT_NE(action(0, 2), action(0, 3));
  EXPECT_EQ(action(4, 5), 1.0f);  // 0.25 and half of the range, within it
  EXPECT_EQ(action(4, 6), -0.75f);
  EXPECT_EQ(action(5, 5), 0.25f);  // only the first decisions are moved
}

TEST(Counterfactuals, APerfectWorldMakesTheSameDifferences) {
  Drift drift;
  const ActionEffects found = drift.effects({});
  EXPECT_EQ(found.physics, found.dream);
  EXPECT_THAT(found.cosine, Each(testing::DoubleEq(1.0)));
  EXPECT_THAT(found.kendall, Each(testing::DoubleEq(1.0)));
  EXPECT_THAT(found.spearman, Each(testing::DoubleEq(1.0)));
  EXPECT_THAT(found.regret, Each(0.0));
}

TEST(Counterfactuals, AnOffsetAndABiasOfTheRewardAreNoDifference) {
  Drift drift;
  tests::DriftWorld dream;
  dream.offset = 3.0f;
  dream.reward_bias = 0.5f;
  const ActionEffects found = drift.effects(dream);
  EXPECT_THAT(found.cosine, Each(testing::DoubleEq(1.0)));
  EXPECT_THAT(found.kendall, Each(testing::DoubleEq(1.0)));
  EXPECT_NEAR(found.dream[0], found.physics[0], 1e-5);
}

TEST(Counterfactuals, AWeakActuatorShowsInTheSizeAlone) {
  Drift drift;
  tests::DriftWorld dream;
  dream.gain = 0.5f;
  const ActionEffects found = drift.effects(dream);
  EXPECT_NEAR(found.dream[0] / found.physics[0], 0.5, 1e-6);
  EXPECT_THAT(found.cosine, Each(testing::DoubleEq(1.0)));
  dream.gain = -1.0f;
  EXPECT_THAT(drift.effects(dream).cosine, Each(testing::DoubleEq(-1.0)));
  EXPECT_THAT(drift.effects(dream).kendall, Each(testing::DoubleEq(-1.0)));
}

TEST(Counterfactuals, AWorldWithoutActionsKnowsNoDifference) {
  Drift drift;
  tests::DriftWorld dream;
  dream.gain = 0.0f;
  const ActionEffects found = drift.effects(dream);
  EXPECT_THAT(found.dream, Each(0.0));
  EXPECT_THAT(found.cosine, Each(0.0));
  EXPECT_THAT(found.kendall, Each(0.0));
  EXPECT_THAT(found.regret, Each(testing::Gt(0.0)));
}

TEST(Counterfactuals, WhatIsNoNumberAgreesWithNothing) {
  Drift drift;
  tests::DriftWorld dream;
  dream.gain = std::nanf("");
  const ActionEffects found = drift.effects(dream);
  EXPECT_THAT(found.cosine, Each(0.0));
  EXPECT_THAT(found.kendall, Each(0.0));
  EXPECT_TRUE(std::isinf(found.dream[0]));
  EXPECT_THAT(found.regret, Each(testing::Gt(0.0)));
}

TEST(Counterfactuals, WhereActionsDoNothingInPhysicsThereIsNothingToCompare) {
  Drift drift;
  drift.physics.gain = 0.0f;
  drift.truth = play_alternatives(drift.physics, drift.alternatives);
  const ActionEffects found = drift.effects({});
  EXPECT_TRUE(std::isnan(found.cosine[0]));
  EXPECT_TRUE(std::isnan(found.kendall[0]));
  EXPECT_TRUE(std::isnan(found.physics[1]));
}

TEST(Counterfactuals, MovesAreToldOfOneSequence) {
  const Drift drift;
  EXPECT_THAT(moved_under(drift.alternatives, drift.truth, "zero", kSpread, 8), ElementsAre(0.0, 0.0));
  EXPECT_THAT(moved_under(drift.alternatives, drift.truth, "recorded", kSpread, 8), ElementsAre(4.0, 4.0));
  EXPECT_TRUE(moved_under(drift.alternatives, drift.truth, "policy", kSpread, 8).empty());
}

TEST(Counterfactuals, ThePolicysOwnActionsAreTakenFromPhysics) {
  struct Reader : contract::Policy {  // answers to what it sees
    void act(const contract::PolicyInput& input, std::span<float> actions) override {
      for (size_t n = 0; n < actions.size(); ++n) actions[n] = -0.5f * input.observations[2 * n];
    }
  } reader;
  const contract::Episode episode = tests::drift_episode(
      4, [](int64_t) { return 0.25f; }, 1.0f);
  tests::DriftWorld physics;
  const Alternatives made = make_alternatives(physics, std::vector<contract::StartPoint>{{&episode, 0}},
                                              &reader, tests::drift_spec(), 2, 3);
  ASSERT_EQ(made.names[1], "policy");
  EXPECT_EQ(made.actions[static_cast<size_t>(made.row(0, 1))], -0.5f);
  EXPECT_EQ(made.actions[static_cast<size_t>(made.count() + made.row(0, 1))], -0.25f);
}

}  // namespace
}  // namespace reverie::evaluation
