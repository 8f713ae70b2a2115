#include "evaluation/continuation_error.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;

PairedRollouts said_of(const contract::Episode& episode, std::vector<float> continuation) {
  PairedRollouts rollouts;
  rollouts.control_steps = 2;
  rollouts.starts = {{&episode, 2}};
  rollouts.world.count = 1;
  rollouts.world.decisions = static_cast<int64_t>(continuation.size());
  rollouts.world.continuation = std::move(continuation);
  return rollouts;
}

contract::Episode of_length(int64_t steps, bool terminated) {
  contract::Episode episode = tests::drift_episode(steps, [](int64_t) { return 0.0f; });
  episode.terminated = terminated;
  episode.truncated = !terminated;
  return episode;
}

TEST(ContinuationPairs, EndWithTheRecord) {
  const contract::Episode dies = of_length(7, true);  // within the third decision after step 2
  const ContinuationPairs pairs = continuation_pairs(said_of(dies, {0.75f, 0.5f, 0.25f, 0.0f}));
  EXPECT_THAT(pairs.goes_on, ElementsAre(0.75, 0.5, 0.25));
  EXPECT_THAT(pairs.went_on, ElementsAre(1, 1, 0));
  EXPECT_DOUBLE_EQ(brier_score(pairs), (0.0625 + 0.25 + 0.0625) / 3.0);
}

TEST(ContinuationPairs, TheTimeLimitIsNoEnd) {
  EXPECT_THAT(continuation_pairs(said_of(of_length(6, false), {1.0f, 1.0f, 1.0f})).went_on,
              ElementsAre(1, 1));
  EXPECT_THAT(continuation_pairs(said_of(of_length(7, false), {1.0f, 1.0f, 1.0f})).went_on,
              ElementsAre(1, 1));
}

TEST(ContinuationPairs, WhatIsNotANumberIsAnEnd) {
  const contract::Episode dies = of_length(4, true);
  EXPECT_THAT(continuation_pairs(said_of(dies, {std::numeric_limits<float>::quiet_NaN()})).goes_on,
              ElementsAre(0.0));
  EXPECT_TRUE(std::isnan(brier_score({})));
}

}  // namespace
}  // namespace reverie::evaluation
