#include "contract/driver.h"

#include <gmock/gmock.h>

#include <vector>

#include "contract/world_rows.h"
#include "tests/support/counting_policy.h"
#include "tests/support/drift_world.h"
#include "tests/support/function_policy.h"

namespace reverie::contract {
namespace {

using testing::ElementsAre;

// Two rows; the second one's episode ends at every third decision.
class ThreeDecisionRows : public Rows {
 public:
  int size() const override { return 2; }
  int action_dim() const override { return 1; }
  PolicyInput input(bool /*with_states*/) override { return {.keys = keys_}; }
  void step(std::span<const float> actions) override {
    played.emplace_back(actions.begin(), actions.end());
    ended_ = {0, static_cast<uint8_t>(played.size() % 3 == 0)};
  }
  std::span<const uint8_t> ended() const override { return ended_; }

  std::vector<std::vector<float>> played;

 private:
  std::vector<DrawKey> keys_{{}, {}};
  std::vector<uint8_t> ended_;
};

TEST(Driver, ResetsTheRowsWhoseEpisodesEnded) {
  ThreeDecisionRows rows;
  tests::CountingPolicy policy;
  Driver driver(rows, policy);
  for (int k = 0; k < 5; ++k) driver.step();
  EXPECT_THAT(rows.played[2], ElementsAre(2 / 64.0f, 2 / 64.0f));
  EXPECT_THAT(rows.played[3], ElementsAre(3 / 64.0f, 0.0f));
  EXPECT_THAT(rows.played[4], ElementsAre(4 / 64.0f, 1 / 64.0f));
  EXPECT_THAT(driver.actions(), ElementsAre(4 / 64.0f, 1 / 64.0f));
}

TEST(Driver, APolicyThatTakesOverBeginsAnew) {
  ThreeDecisionRows rows;
  tests::CountingPolicy policy;
  tests::FunctionPolicy other = tests::constant_policy(0.5f);
  Driver driver(rows, policy);
  driver.step();
  driver.begin(other);
  EXPECT_EQ(&driver.policy(), &other);
  driver.step();
  EXPECT_THAT(rows.played[1], ElementsAre(0.5f, 0.5f));
  driver.begin(policy);
  driver.step();
  EXPECT_THAT(rows.played[2], ElementsAre(0.0f, 0.0f));
}

TEST(WorldRows, EveryRowDrawsByItsNumberAndTheDecision) {
  const Episode episode = tests::drift_episode(4, [](int64_t) { return 0.25f; });
  const std::vector<StartPoint> starts{{&episode, 0}, {&episode, 2}};
  tests::DriftWorld world;
  world.reset(starts);
  tests::CountingPolicy policy;
  WorldRows rows(world, 1, {.seed = 3, .episode = 10, .decision = 5});
  Driver driver(rows, policy);
  driver.step();
  driver.step();
  ASSERT_EQ(policy.keys.size(), 2u);
  const DrawKey last = policy.keys[1][1];
  EXPECT_EQ(last.seed, 3u);
  EXPECT_EQ(last.episode, 11u);
  EXPECT_EQ(last.decision, 6u);
  EXPECT_EQ(policy.keys[0][0].episode, 10u);
  EXPECT_EQ(policy.keys[0][0].decision, 5u);
}

TEST(WorldRows, ShowTheWorldAndStepIt) {
  const Episode episode = tests::drift_episode(4, [](int64_t) { return 0.25f; });
  const std::vector<StartPoint> starts{{&episode, 0}, {&episode, 2}};
  tests::DriftWorld world;
  world.reset(starts);
  WorldRows rows(world, 1, {});
  std::vector<float> seen;
  tests::FunctionPolicy policy([&](const PolicyInput& input, std::span<float> actions) {
    seen.assign(input.observations.begin(), input.observations.end());
    actions[0] = 1.0f;
    actions[1] = -1.0f;
  });
  Driver driver(rows, policy);
  driver.step();
  EXPECT_THAT(seen, ElementsAre(0.0f, 7.0f, 0.5f, 7.0f));
  driver.step();
  EXPECT_THAT(seen, ElementsAre(1.0f, 7.0f, -0.5f, 7.0f));
}

}  // namespace
}  // namespace reverie::contract
