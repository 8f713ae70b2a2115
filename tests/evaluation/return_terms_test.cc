#include "evaluation/return_terms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using tests::drift_episode;

// One rollout of four decisions of two control steps; a head, a program and physics that are all different.
struct MadeUp {
  contract::Episode episode = drift_episode(8, [](int64_t) { return 0.0f; });
  DecisionLog log;
  ProgramRewards program;

  MadeUp() {
    for (size_t t = 0; t < 8; ++t) episode.rewards[t] = 1.0f + static_cast<float>(t);
    log.count = 1, log.decisions = 4, log.length = 8, log.control_steps = 2;
    log.rewards = {10.0f, 20.0f, 30.0f, 40.0f};
    log.alive = {1.0, 1.0, 0.5, 0.25};
    log.values = {7.0f, 8.0f, 100.0f, 9.0f};
    program.rewards = {4.0, 5.0, 6.0, 8.0};
  }
  PairedDream dream() const {
    const contract::StartPoint start{&episode, 0};
    return pair_dream(log, program, std::span(&start, 1));
  }
};

TEST(ReturnTerms, AreThoseOfTheirDefinition) {
  const MadeUp made;
  const ReturnTerms terms = return_terms(made.dream(), 0, 4);
  EXPECT_DOUBLE_EQ(terms.imagined, 10.0 + 20.0 + 15.0 + 10.0);
  EXPECT_DOUBLE_EQ(terms.simulated, 36.0);
  EXPECT_DOUBLE_EQ(terms.reward_error, 6.0 + 15.0 + 0.5 * 24.0 + 0.25 * 32.0);
  EXPECT_DOUBLE_EQ(terms.state_drift, (4.0 - 3.0) + (5.0 - 7.0) + (3.0 - 11.0) + (2.0 - 15.0));
  EXPECT_EQ(terms.bootstrap_error, 0.0);
  EXPECT_NEAR(terms.residual(), 0.0, 1e-12);
}

TEST(ReturnTerms, TheCriticTakesOverAtTheEndOfATruncatedHorizon) {
  const MadeUp made;
  const ReturnTerms terms = return_terms(made.dream(), 0, 2, 0.5, true);
  // Physics pays 3, 7, 11, 15; the critic says 100 where the dream goes on with probability 1/2.
  EXPECT_DOUBLE_EQ(terms.bootstrap_error, 0.25 * 0.5 * 100.0 - (0.25 * 11.0 + 0.125 * 15.0));
  EXPECT_DOUBLE_EQ(terms.imagined, 10.0 + 10.0 + 12.5);
  EXPECT_DOUBLE_EQ(terms.simulated, 3.0 + 3.5 + 2.75 + 1.875);
  EXPECT_NEAR(terms.residual(), 0.0, 1e-12);
  // Of a whole episode there is nothing left to say.
  EXPECT_EQ(return_terms(made.dream(), 0, 4, 0.5, true).bootstrap_error, 0.0);
}

TEST(ReturnTerms, ABiasOfTheHeadIsInTheRewardTermAlone) {
  MadeUp made;
  const ReturnTerms before = return_terms(made.dream(), 0, 3);
  for (float& reward : made.log.rewards) reward += 0.25f;
  const ReturnTerms after = return_terms(made.dream(), 0, 3);
  EXPECT_DOUBLE_EQ(after.reward_error - before.reward_error, 0.25 * (1.0 + 1.0 + 0.5));
  EXPECT_EQ(after.state_drift, before.state_drift);
  EXPECT_EQ(after.simulated, before.simulated);
}

TEST(ReturnTerms, ADecisionThatReachesBeyondTheEndCountsInPart) {
  MadeUp made;
  made.log.length = 7;
  made.log.alive = {1.0, 1.0, 1.0, 1.0};
  const ReturnTerms terms = return_terms(made.dream(), 0, 4);
  EXPECT_DOUBLE_EQ(terms.imagined, 10.0 + 20.0 + 30.0 + 0.5 * 40.0);
  EXPECT_DOUBLE_EQ(terms.simulated, 28.0);
  EXPECT_NEAR(terms.residual(), 0.0, 1e-12);
}

TEST(ReturnTerms, AnEpisodeThatEndedPaysNothingMore) {
  MadeUp made;
  contract::cut_episode(made.episode, 3);
  const ReturnTerms terms = return_terms(made.dream(), 0, 4);
  EXPECT_DOUBLE_EQ(terms.simulated, 6.0);
  EXPECT_DOUBLE_EQ(terms.state_drift, (4.0 - 3.0) + (5.0 - 3.0) + 3.0 + 2.0);
  EXPECT_NEAR(terms.residual(), 0.0, 1e-12);
}

TEST(ReturnTerms, AStateWithoutAnAnswerIsPaidWithNothing) {
  MadeUp made;
  made.program.rewards[1] = std::numeric_limits<double>::quiet_NaN();
  const ReturnTerms terms = return_terms(made.dream(), 0, 2);
  EXPECT_DOUBLE_EQ(terms.reward_error, 6.0 + 20.0);
  EXPECT_DOUBLE_EQ(terms.state_drift, 1.0 - 7.0);
}

TEST(RegressionSlope, IsThatOfLeastSquares) {
  const double x[] = {1.0, 2.0, 3.0, 6.0}, y[] = {3.0, 5.0, 7.0, 13.0}, noisy[] = {0.0, 2.0, 1.0, 5.0};
  EXPECT_DOUBLE_EQ(regression_slope(x, y), 2.0);
  EXPECT_DOUBLE_EQ(regression_slope(x, noisy), 13.0 / 14.0);
  EXPECT_TRUE(std::isnan(regression_slope(std::span(x).first(1), std::span(y).first(1))));
  const double same[] = {4.0, 4.0, 4.0, 4.0};
  EXPECT_TRUE(std::isnan(regression_slope(same, y)));
  EXPECT_EQ(regression_slope(y, same), 0.0);
}

}  // namespace
}  // namespace reverie::evaluation
