#include "evaluation/uncertainty.h"

#include <gmock/gmock.h>

#include <cmath>

#include "contract/rng.h"
#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using tests::drift_episode;
using tests::DriftWorld;

// 80 starts whose uncertainty is `uncertainty` of the error; every second one judges.
template <typename Uncertainty>
UncertainErrors made_up(const Uncertainty& uncertainty) {
  UncertainErrors errors;
  errors.horizon = 10;
  contract::Rng rng(5, 0, contract::Stream::kEvaluation, 0);
  for (int i = 0; i < 80; ++i) {
    errors.error.push_back(0.01 + rng.uniform());
    errors.uncertainty.push_back(uncertainty(errors.error.back()));
    errors.judges.push_back(i % 2);
  }
  return errors;
}

TEST(Uncertainty, ThatIsTheErrorInAnotherUnitIsPerfect) {
  const UncertaintyScores scores = score_uncertainty(made_up([](double e) { return 1000.0 * e * e * e; }), 1);
  EXPECT_DOUBLE_EQ(scores.rank_correlation.mean, 1.0);
  EXPECT_DOUBLE_EQ(scores.rank_correlation.low, 1.0);
  EXPECT_EQ(scores.rank_correlation.n, 80);
  EXPECT_NEAR(scores.spread_skill.mean, 1.0, 0.02);
  EXPECT_EQ(scores.spread_skill.n, 40);
  EXPECT_LT(scores.calibration.mean, 0.05);
  EXPECT_GT(scores.crps_skill.low, 0.6);
  EXPECT_EQ(scores.missed.mean, 0.0);
}

TEST(Uncertainty, ThatIsUpsideDownIsWorseThanNone) {
  const UncertaintyScores scores = score_uncertainty(made_up([](double e) { return -e; }), 1);
  EXPECT_DOUBLE_EQ(scores.rank_correlation.mean, -1.0);
  EXPECT_GT(scores.missed.low, 1.5);
}

TEST(Uncertainty, ThatNeverVariesTellsNothing) {
  const UncertaintyScores scores = score_uncertainty(made_up([](double) { return 2.0; }), 1);
  EXPECT_TRUE(std::isnan(scores.rank_correlation.mean));
  EXPECT_DOUBLE_EQ(scores.crps_skill.mean, 0.0);
  EXPECT_DOUBLE_EQ(scores.missed.mean, 1.0);
}

// It converts 1 to 0.2, and the judges meet 0.4: half of what they should have expected.
TEST(Uncertainty, IsJudgedByOtherStartsThanThoseThatConvertIt) {
  UncertainErrors errors;
  errors.uncertainty = {1, 1, 1, 1};
  errors.error = {0.2, 0.4, 0.2, 0.4};
  errors.judges = {0, 1, 0, 1};
  EXPECT_THAT(expected_errors(errors).expected, testing::Each(0.2));
  EXPECT_THAT(expected_errors(errors).met, testing::Each(0.4));
  const UncertaintyScores scores = score_uncertainty(errors, 1);
  EXPECT_DOUBLE_EQ(scores.spread_skill.mean, 0.5);
  EXPECT_DOUBLE_EQ(scores.calibration.mean, 1.0);  // never above 0.3 was expected, always above was met
}

TEST(Uncertainty, WithoutAnotherEpisodeOnlyTheOrderIsJudged) {
  UncertainErrors errors;
  errors.uncertainty = {1, 2, 3};
  errors.error = {0.1, 0.2, 0.3};
  errors.judges = {0, 0, 0};
  const UncertaintyScores scores = score_uncertainty(errors, 1);
  EXPECT_EQ(scores.rank_correlation.mean, 1.0);
  EXPECT_TRUE(std::isnan(scores.spread_skill.mean));
  EXPECT_TRUE(std::isnan(scores.missed.mean));
}

TEST(Uncertainty, OfDecisionsIsAddedUpSinceTheStart) {
  const std::vector<contract::Episode> episodes{drift_episode(40, [](int64_t) { return 0.25f; }),
                                                drift_episode(40, [](int64_t) { return 0.5f; })};
  DriftWorld half;
  half.gain = 0.5f;
  PairedRollouts rollouts = pair_rollouts(half, nullptr, episodes, {.horizon = 20, .start_every = 10});
  EXPECT_EQ(stated_share(rollouts), 0.0);  // it says nothing at all
  rollouts.world.uncertainty.assign(rollouts.world.rewards.size(), 0.125f);
  EXPECT_EQ(stated_share(rollouts), 1.0);
  const UncertainErrors errors = uncertain_errors(rollouts, 8);
  EXPECT_EQ(errors.horizon, 8);
  ASSERT_EQ(errors.error.size(), 6u);
  EXPECT_THAT(errors.uncertainty, testing::Each(1.0));
  EXPECT_THAT(errors.judges, testing::ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_NEAR(errors.error[0], 8 * 0.125 / rollouts.spread[0], 1e-6);
  EXPECT_NEAR(errors.error[5], 8 * 0.25 / rollouts.spread[0], 1e-6);
}

TEST(Uncertainty, OfStrangeStartsIsTold) {
  UncertainErrors strange, known;
  strange.uncertainty = {3, 4, 5};
  known.uncertainty = {1, 2};
  EXPECT_EQ(tell_apart(strange, known, 1).mean, 1.0);
  EXPECT_EQ(tell_apart(known, strange, 1).mean, 0.0);
  EXPECT_EQ(tell_apart(strange, strange, 1).mean, 0.5);
  EXPECT_EQ(tell_apart(strange, known, 1).n, 5);
}

}  // namespace
}  // namespace reverie::evaluation
