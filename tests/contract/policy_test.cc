#include "contract/policy.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "contract/pushed_policy.h"
#include "contract/random_policy.h"
#include "contract/recorded_policy.h"
#include "contract/rng.h"
#include "contract/scripted_policy.h"
#include "contract/zero_policy.h"
#include "tests/support/drift_world.h"
#include "tests/support/function_policy.h"

namespace reverie::contract {
namespace {

using testing::ElementsAre;

EnvSpec two_actions() {
  EnvSpec spec;
  spec.action_dim = 2;
  spec.action_low = {-1.0f, 2.0f};
  spec.action_high = {1.0f, 4.0f};
  return spec;
}

std::vector<DrawKey> keys_of(size_t rows, uint64_t seed, uint64_t decision) {
  std::vector<DrawKey> keys;
  for (size_t n = 0; n < rows; ++n) keys.push_back({seed, n, decision});
  return keys;
}

std::vector<float> act(Policy& policy, const std::vector<DrawKey>& keys, size_t action_dim) {
  std::vector<float> actions(keys.size() * action_dim);
  policy.act({.keys = keys}, actions);
  return actions;
}

TEST(PolicyInput, ARowIsAnInputOfItsOwn) {
  const std::vector<float> observations{1, 2, 3, 4, 5, 6}, latents{7, 8};
  const std::vector<DrawKey> keys = keys_of(2, 9, 0);
  const PolicyInput row = PolicyInput{observations, latents, keys}.row(1);
  EXPECT_THAT(row.observations, ElementsAre(4, 5, 6));
  EXPECT_THAT(row.latents, ElementsAre(8));
  ASSERT_EQ(row.keys.size(), 1u);
  EXPECT_EQ(row.keys[0].episode, 1u);
  EXPECT_TRUE((PolicyInput{observations, {}, keys}.row(0).latents.empty()));
  EXPECT_TRUE(row.states.empty());
  const std::vector<float> states{1, 2, 3, 4};
  EXPECT_THAT((PolicyInput{observations, {}, keys, states}.row(1).states), ElementsAre(3, 4));
}

TEST(RandomPolicy, FillsTheRangeAndRepeatsItsKeys) {
  const auto policy = random_policy(two_actions(), Stream::kEvaluation);
  const std::vector<float> a = act(*policy, keys_of(100, 1, 0), 2);
  EXPECT_EQ(a, act(*policy, keys_of(100, 1, 0), 2));
  EXPECT_NE(a, act(*policy, keys_of(100, 1, 1), 2));
  EXPECT_NE(a, act(*random_policy(two_actions(), Stream::kPolicy), keys_of(100, 1, 0), 2));
  std::vector<float> first, second;
  for (size_t n = 0; n < 100; ++n) {
    first.push_back(a[2 * n]);
    second.push_back(a[2 * n + 1]);
  }
  EXPECT_LT(*std::ranges::min_element(first), -0.9f);
  EXPECT_GT(*std::ranges::max_element(first), 0.9f);
  EXPECT_GE(*std::ranges::min_element(second), 2.0f);
  EXPECT_LE(*std::ranges::max_element(second), 4.0f);
}

TEST(RandomPolicy, DrawsFromTheStreamOfTheKey) {
  Rng rng(3, 5, Stream::kPolicy, 8);
  const auto first = static_cast<float>(rng.uniform(-1.0, 1.0)),
             second = static_cast<float>(rng.uniform(2.0, 4.0));
  EXPECT_THAT(act(*random_policy(two_actions(), Stream::kPolicy), {{3, 5, 8}}, 2),
              ElementsAre(first, second));
}

TEST(ZeroPolicy, IsTheValueNearestToZeroInTheRange) {
  EXPECT_THAT(act(*zero_policy(two_actions()), keys_of(2, 0, 0), 2), ElementsAre(0, 2, 0, 2));
}

TEST(ScriptedPolicy, NamesAreKnownAndOthersRefused) {
  EXPECT_TRUE(scripted_names().starts_with("random, zero")) << scripted_names();
  EXPECT_TRUE(is_scripted("zero"));
  EXPECT_FALSE(is_scripted("zer"));
  const auto keys = keys_of(3, 4, 2);
  EXPECT_EQ(act(*scripted_policy("random", two_actions(), Stream::kPolicy), keys, 2),
            act(*random_policy(two_actions(), Stream::kPolicy), keys, 2));
  EXPECT_THROW(scripted_policy("zer", two_actions(), Stream::kPolicy), std::invalid_argument);
}

TEST(RecordedPolicy, PlaysWholeDecisionsAndThenTheLastAction) {
  const Episode episode = tests::drift_episode(6, [](int64_t t) { return static_cast<float>(t / 2); });
  const std::vector<StartPoint> starts{{&episode, 0}, {&episode, 2}};
  const auto policy = recorded_policy(starts, 2);
  policy->reset(2);
  const auto next = [&] { return act(*policy, keys_of(2, 0, 0), 1); };
  EXPECT_THAT(next(), ElementsAre(0, 1));
  EXPECT_THAT(next(), ElementsAre(1, 2));
  EXPECT_THAT(next(), ElementsAre(2, 2));  // the second record is over
  policy->reset_row(0);
  EXPECT_THAT(next(), ElementsAre(0, 2));
  policy->reset(2);
  EXPECT_THAT(next(), ElementsAre(0, 1));
  EXPECT_THROW(policy->reset(3), std::logic_error);
}

TEST(RecordedPolicy, RefusesAChangeWithinADecision) {
  const Episode episode = tests::drift_episode(6, [](int64_t t) { return static_cast<float>(t / 2); });
  const std::vector<StartPoint> starts{{&episode, 1}};
  const auto policy = recorded_policy(starts, 2);
  policy->reset(1);
  EXPECT_THROW(act(*policy, keys_of(1, 0, 0), 1), std::logic_error);
}

TEST(PushedPolicy, PushesAreHeldAndMostDecisionsAreThePolicys) {
  tests::FunctionPolicy still = tests::constant_policy(0.0f);
  const auto pushed = pushed_policy(still, tests::drift_spec());
  pushed->reset(1);
  std::vector<float> actions;
  for (uint64_t k = 0; k < 5000; ++k) actions.push_back(act(*pushed, keys_of(1, 2, k), 1)[0]);
  const auto own = std::ranges::count(actions, 0.0f);
  EXPECT_GT(own, 2500);  // on average 50 of 75
  EXPECT_LT(own, 4200);
  int64_t run = 0, changes = 0;
  for (size_t k = 1; k < actions.size(); ++k) {
    ++run;
    if (actions[k] == actions[k - 1]) continue;
    ++changes;
    if (actions[k - 1] != 0.0f && changes > 1) {
      EXPECT_GE(run, 5);
    }
    run = 0;
  }
  EXPECT_GT(changes, 60);
}

TEST(PushedPolicy, AResetEndsThePushOfItsRow) {
  tests::FunctionPolicy still = tests::constant_policy(0.0f);
  const auto pushed = pushed_policy(still, tests::drift_spec());
  pushed->reset(2);
  uint64_t k = 0;
  std::vector<float> actions;
  do {
    const std::vector<DrawKey> same{{2, 0, k}, {2, 0, k}};  // both rows draw alike
    actions = act(*pushed, same, 1);
    ++k;
  } while (actions[0] == 0.0f);
  EXPECT_EQ(actions[0], actions[1]);
  pushed->reset_row(0);
  const std::vector<DrawKey> quiet{{7, 0, 0}, {7, 0, 0}};  // begins no push
  const std::vector<float> next = act(*pushed, quiet, 1);
  EXPECT_EQ(next[0], 0.0f);
  EXPECT_EQ(next[1], actions[1]);
}

std::unique_ptr<Policy> still_in_some_episodes_pushed(double share) {
  return pushed_in_some_episodes(std::make_unique<tests::FunctionPolicy>(tests::constant_policy(0.0f)),
                                 tests::drift_spec(), share);
}

TEST(PushedInSomeEpisodes, ItsShareOfEpisodesIsPushed) {
  const auto pushed = still_in_some_episodes_pushed(0.3);
  int episodes = 0;
  for (uint64_t e = 0; e < 400; ++e) {
    bool any = false;
    for (uint64_t k = 0; k < 300; ++k)
      any = act(*pushed, std::vector<DrawKey>{{5, e, k}}, 1)[0] != 0.0f || any;
    episodes += any ? 1 : 0;
  }
  EXPECT_GT(episodes, 90);
  EXPECT_LT(episodes, 150);
}

// A resumed run makes the policy anew in the middle of an episode.
TEST(PushedInSomeEpisodes, TakesOverInTheMiddleOfAnEpisode) {
  const auto straight = still_in_some_episodes_pushed(1.0);
  std::vector<float> wanted, found;
  for (uint64_t k = 0; k < 300; ++k) wanted.push_back(act(*straight, std::vector<DrawKey>{{5, 1, k}}, 1)[0]);
  EXPECT_GT(std::ranges::count(wanted, 0.0f), 0);
  EXPECT_LT(std::ranges::count(wanted, 0.0f), 300);
  std::unique_ptr<Policy> resumed;
  for (uint64_t k = 0; k < 300; ++k) {
    if (k % 37 == 0) resumed = still_in_some_episodes_pushed(1.0);
    found.push_back(act(*resumed, std::vector<DrawKey>{{5, 1, k}}, 1)[0]);
  }
  EXPECT_EQ(found, wanted);
}

}  // namespace
}  // namespace reverie::contract
