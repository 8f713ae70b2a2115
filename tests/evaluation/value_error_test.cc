#include "evaluation/value_error.h"

#include <gmock/gmock.h>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;

contract::Episode paying(int64_t steps) {
  contract::Episode episode = tests::drift_episode(steps, [](int64_t) { return 0.0f; });
  for (size_t t = 0; t < episode.rewards.size(); ++t) episode.rewards[t] = 1.0f + static_cast<float>(t);
  return episode;
}

TEST(ReturnsToGo, DiscountDecisions) {
  const contract::Episode episode = paying(5);  // decisions earn 1 + 2, 3 + 4, 5
  EXPECT_THAT(returns_to_go(episode, 2, 0.5), ElementsAre(3.0 + 3.5 + 1.25, 7.0 + 2.5, 5.0));
}

TEST(ValuePairs, HoldsAnImaginedStateAgainstWhatFollowedInPhysics) {
  const contract::Episode episode = paying(8);
  PairedRollouts rollouts;
  rollouts.control_steps = 2;
  rollouts.starts = {{&episode, 0}, {&episode, 2}, {&episode, 4}};
  rollouts.world.count = 3;
  rollouts.world.decisions = 1;
  rollouts.world.values = {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f};
  // At 0.5 a decision, half of a return is unknown one decision before the end, a quarter two before it.
  const ValuePairs pairs = value_pairs(rollouts, 1, 0.5, 0.25);
  EXPECT_EQ(pairs.horizon, 2);
  EXPECT_THAT(pairs.promised, ElementsAre(4.0, 5.0));
  EXPECT_THAT(pairs.realised, ElementsAre(7.0 + 5.5 + 3.75, 11.0 + 7.5));
  EXPECT_EQ(value_pairs(rollouts, 0, 0.5, 0.25).promised.size(), 3u);
}

TEST(ValuePairs, NothingIsUnknownOfAnEpisodeThatTerminated) {
  contract::Episode episode = paying(4);
  episode.truncated = false;
  episode.terminated = true;
  PairedRollouts rollouts;
  rollouts.starts = {{&episode, 3}, {&episode, 0}};
  rollouts.world.count = 2;
  rollouts.world.decisions = 1;
  rollouts.world.values = {1.0f, 2.0f, 3.0f, 4.0f};
  EXPECT_THAT(value_pairs(rollouts, 0, 0.9, 0.05).realised, ElementsAre(4.0, 1.0 + 1.8 + 2.43 + 2.916));
  EXPECT_EQ(value_pairs(rollouts, 1, 0.9, 0.05).promised.size(), 1u);  // the other is over
}

}  // namespace
}  // namespace reverie::evaluation
