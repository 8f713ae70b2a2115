#include "evaluation/policy_ranking.h"

#include <gmock/gmock.h>

#include "evaluation/returns.h"
#include "tests/support/drift_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

using testing::Each;
using testing::ElementsAre;
using tests::drift_episode;
using tests::drift_spec;
using tests::DriftWorld;

std::vector<Rival> constants(const std::vector<float>& actions) {
  std::vector<Rival> rivals;
  for (const float action : actions)
    rivals.push_back({"constant", std::make_shared<tests::FunctionPolicy>(tests::constant_policy(action))});
  return rivals;
}

// From x, an action a pays x + a, x + 2 a, ...: three steps earn 3 x + 6 a.
TEST(PolicyRanking, EveryPolicyActsFromTheSameStartsInBothWorlds) {
  const std::vector<contract::Episode> episodes{drift_episode(10, [](int64_t) { return 0.25f; }),
                                                drift_episode(
                                                    10, [](int64_t) { return 0.25f; }, 2.0f)};
  DriftWorld physics, dream;
  dream.gain = -1.0f;
  const std::vector<Rival> rivals = constants({-0.5f, 0.0f, 1.0f});
  const RivalReturns returns = play_rivals(physics, dream, first_rows(episodes), rivals, drift_spec(), 3, 3);
  EXPECT_THAT(returns.simulated, ElementsAre(0.0, 3.0, 9.0));
  EXPECT_THAT(returns.imagined, ElementsAre(6.0, 3.0, -3.0));
  const RankingScores scores = score_ranking(returns, 3);
  EXPECT_DOUBLE_EQ(scores.pearson.mean, -1.0);
  EXPECT_DOUBLE_EQ(scores.spearman.mean, -1.0);
  EXPECT_DOUBLE_EQ(scores.kendall.mean, -1.0);
  EXPECT_DOUBLE_EQ(scores.mmrv.mean, (9.0 + 6.0 + 9.0) / 3);  // by physics, not by the dream
  EXPECT_DOUBLE_EQ(scores.regret.mean, 9.0);
  EXPECT_EQ(scores.spearman.n, 3);
}

TEST(PolicyRanking, OfAPerfectDreamIsOneWithoutRegret) {
  const RankingScores scores = score_ranking({{1, 5, 2, 9, 4}, {1, 5, 2, 9, 4}}, 3);
  EXPECT_DOUBLE_EQ(scores.spearman.mean, 1.0);
  EXPECT_DOUBLE_EQ(scores.kendall.low, 1.0);
  EXPECT_EQ(scores.mmrv.high, 0.0);
  EXPECT_EQ(scores.regret.high, 0.0);
}

TEST(PolicyRanking, TwentyPoliciesAtLeastAreMadeOfAnyNumberOfCheckpoints) {
  EXPECT_TRUE(make_rivals({}, drift_spec()).empty());
  for (const size_t count : {1u, 2u, 5u, 6u}) {
    const std::vector<Rival> rivals = make_rivals(constants(std::vector<float>(count, 0.5f)), drift_spec());
    EXPECT_GE(rivals.size(), 20u) << count;
    EXPECT_LE(rivals.size(), 24u) << count;
    EXPECT_EQ(rivals.front().name, "constant");
    EXPECT_EQ(rivals.back().name, "zero");
  }
}

TEST(PolicyRanking, ABlendLiesBetweenItsPolicyAndARandomOne) {
  const contract::DrawKey keys[] = {{1, 0, 0}, {1, 1, 0}};
  const float observations[] = {0, 0, 0, 0};
  const auto actions = [&](double share) {
    std::vector<float> out(2);
    const auto policy = blended_policy(constants({1.0f})[0].policy, share, drift_spec());
    policy->reset(2);
    policy->act({.observations = observations, .latents = {}, .keys = keys, .states = {}}, out);
    return out;
  };
  EXPECT_THAT(actions(0.0), Each(1.0f));
  const std::vector<float> half = actions(0.5), random = actions(1.0);
  for (size_t n = 0; n < 2; ++n) EXPECT_FLOAT_EQ(half[n], 0.5f + 0.5f * random[n]);
  EXPECT_NE(random[0], random[1]);
}

}  // namespace
}  // namespace reverie::evaluation
