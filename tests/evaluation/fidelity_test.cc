#include "evaluation/fidelity.h"

#include <gmock/gmock.h>

#include <limits>

#include "base/error.h"
#include "evaluation/closed_loop.h"
#include "evaluation/returns.h"
#include "tests/support/drift_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

using tests::drift_episode;
using tests::drift_spec;
using tests::DriftWorld;

using testing::Each;

// Actions that hold for two control steps and never cancel.
float slow_action(int64_t t) { return t / 2 % 3 == 0 ? 0.5f : 0.25f; }
float constant_action(int64_t) { return 0.25f; }

std::vector<contract::Episode> slow_episodes() {
  return {drift_episode(100, slow_action), drift_episode(100, slow_action, 3.0f)};
}

TEST(Fidelity, TheTrueWorldIsPerfect) {
  for (const int repeat : {1, 2}) {
    const std::vector<contract::Episode> episodes = slow_episodes();
    DriftWorld world;
    world.repeat = repeat;
    const Fidelity f = measure_fidelity(world, &world, episodes, 0.01, {.horizon = 40, .start_every = 10});
    EXPECT_EQ(f.largest_error, 0.0);
    EXPECT_EQ(f.largest_reward_error, 0.0);
    EXPECT_THAT(f.world.median, Each(0.0));
    EXPECT_THAT(f.floor.high, Each(0.0));
    EXPECT_THAT(f.reward_drift, Each(0.0));
    EXPECT_EQ(f.valid_horizon_steps, 40);
    EXPECT_TRUE(f.valid_to_the_end);
    EXPECT_EQ(f.horizon.size(), 40u / repeat + 1);
    EXPECT_EQ(f.dimensions, 1);  // the constant one is left out
    EXPECT_EQ(f.starts, 14);     // rows 0, 10, ..., 60 of two episodes: the whole horizon ahead
  }
}

TEST(Fidelity, AFrozenWorldIsPersistence) {
  const std::vector<contract::Episode> episodes = slow_episodes();
  DriftWorld frozen;
  frozen.gain = 0.0f;
  const Fidelity f = measure_fidelity(frozen, nullptr, episodes, 0.01, {.horizon = 30});
  EXPECT_EQ(f.world.median, f.persistence.median);
  EXPECT_EQ(f.world.low, f.persistence.low);
  EXPECT_EQ(f.world.high, f.persistence.high);
  EXPECT_TRUE(f.floor.median.empty());
  EXPECT_GT(f.world.median.back(), 0.0);
  EXPECT_EQ(f.valid_horizon_steps, 0);  // not *below* persistence
}

// One start, constant drift 0.25 a step, half of it believed: the error after k steps is
// 0.125 k over the spread.
TEST(Fidelity, ErrorIsInUnitsOfTheSpread) {
  const std::vector<contract::Episode> episodes{drift_episode(8, constant_action)};
  const double sigma = 0.25 * std::sqrt(7.5);  // sample variance of 0..8 is 7.5
  EXPECT_NEAR(observation_spread(episodes)[0], sigma, 1e-12);
  EXPECT_EQ(observation_spread(episodes)[1], 0.0);
  DriftWorld half;
  half.gain = 0.5f;
  const Fidelity f = measure_fidelity(half, nullptr, episodes, 0.01, {.horizon = 8, .start_every = 100});
  ASSERT_EQ(f.horizon.size(), 9u);
  for (size_t k = 0; k <= 8; ++k) {
    EXPECT_NEAR(f.world.median[k], 0.125 * double(k) / sigma, 1e-12);
    EXPECT_NEAR(f.persistence.median[k], 0.25 * double(k) / sigma, 1e-12);
  }
  EXPECT_EQ(f.valid_horizon_steps, 1);  // 0.125 k / 0.685 <= 0.3: k <= 1.64
  EXPECT_FALSE(f.valid_to_the_end);
}

TEST(Fidelity, ErrorOfTheFirstLookShowsAtHorizonZero) {
  const std::vector<contract::Episode> episodes = slow_episodes();
  DriftWorld shifted;
  shifted.offset = 0.5f;
  const Fidelity f = measure_fidelity(shifted, nullptr, episodes, 0.01, {.horizon = 20});
  const double expected = 0.5 / observation_spread(episodes)[0];
  for (const double e : f.world.median) EXPECT_NEAR(e, expected, 1e-12);
  EXPECT_THAT(f.persistence.median.front(), 0.0);
}

TEST(Fidelity, RewardBiasAddsUpWithTheHorizonAndTouchesNothingElse) {
  const std::vector<contract::Episode> episodes = slow_episodes();
  DriftWorld hopeful;
  hopeful.repeat = 2;
  hopeful.reward_bias = 0.25f;
  const Fidelity f = measure_fidelity(hopeful, nullptr, episodes, 0.01, {.horizon = 20});
  ASSERT_EQ(f.horizon.size(), 11u);
  for (size_t k = 1; k < f.horizon.size(); ++k) {
    EXPECT_DOUBLE_EQ(f.reward_error[k], 0.25);
    EXPECT_DOUBLE_EQ(f.reward_drift[k], 0.25 * double(k));
  }
  EXPECT_EQ(f.largest_error, 0.0);
}

TEST(Fidelity, NaNIsInfinitelyWrong) {
  const std::vector<contract::Episode> episodes = slow_episodes();
  DriftWorld broken;
  broken.gain = std::numeric_limits<float>::quiet_NaN();
  const Fidelity f = measure_fidelity(broken, nullptr, episodes, 0.01, {.horizon = 20});
  EXPECT_EQ(f.world.median[1], std::numeric_limits<double>::infinity());
  EXPECT_EQ(f.valid_horizon_steps, 0);
}

TEST(Fidelity, EpisodesThatEndEarlyCountUntilTheyEnd) {
  std::vector<contract::Episode> episodes = slow_episodes();
  episodes[1] = drift_episode(12, slow_action);
  episodes[1].truncated = false;
  episodes[1].terminated = true;
  DriftWorld world;
  const Fidelity f = measure_fidelity(world, nullptr, episodes, 0.01, {.horizon = 40, .start_every = 10});
  // Rows 0, ..., 60 of the long one; rows 0 (12 steps left) and 10 (2 left) of the short one.
  EXPECT_EQ(f.starts, 9);
  EXPECT_EQ(f.n[2], 9);
  EXPECT_EQ(f.n[3], 8);
  EXPECT_EQ(f.n[12], 8);
  EXPECT_EQ(f.n[13], 7);
  EXPECT_EQ(f.n[40], 7);
}

TEST(Fidelity, HorizonIsCutToTheRecord) {
  const std::vector<contract::Episode> episodes{drift_episode(30, slow_action)};
  DriftWorld world;
  const Fidelity f = measure_fidelity(world, nullptr, episodes, 0.01, {.horizon = 200});
  EXPECT_EQ(f.horizon.back(), 30);
}

TEST(Fidelity, NothingToMeasureIsAUserError) {
  DriftWorld world;
  EXPECT_THROW(measure_fidelity(world, nullptr, {}, 0.01, {}), base::UserError);
  const std::vector<contract::Episode> still{drift_episode(30, [](int64_t) { return 0.0f; })};
  EXPECT_THROW(measure_fidelity(world, nullptr, still, 0.01, {}), base::UserError);
}

TEST(Starts, AreDrawnOnceEachInOrderAndRepeatFromTheSeed) {
  const std::vector<contract::Episode> episodes = slow_episodes();
  const FidelityOptions options{.horizon = 20, .start_every = 5, .max_starts = 10, .seed = 4};
  const std::vector<contract::StartPoint> a = choose_starts(episodes, 2, options),
                                          b = choose_starts(episodes, 2, options);
  ASSERT_EQ(a.size(), 10u);
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].step % 6, 0);  // 5 rounded up to whole decisions of 2
    EXPECT_LE(a[i].step, 80);
    EXPECT_EQ(a[i].step, b[i].step);
    EXPECT_EQ(a[i].episode, b[i].episode);
    if (i > 0 && a[i].episode == a[i - 1].episode) {
      EXPECT_GT(a[i].step, a[i - 1].step);
    }
  }
  FidelityOptions other = options;
  other.seed = 5;
  const std::vector<contract::StartPoint> c = choose_starts(episodes, 2, other);
  bool same = true;
  for (size_t i = 0; i < a.size(); ++i) same = same && a[i].step == c[i].step && a[i].episode == c[i].episode;
  EXPECT_FALSE(same);
}

TEST(Starts, DivergedEpisodesGiveNone) {
  std::vector<contract::Episode> episodes = slow_episodes();
  episodes[0].diverged = true;
  for (const contract::StartPoint& start : choose_starts(episodes, 1, {.horizon = 20}))
    EXPECT_EQ(start.episode, &episodes[1]);
}

TEST(PlayActions, RefusesStartsWithinADecision) {
  const std::vector<contract::Episode> episodes = slow_episodes();
  DriftWorld world;
  world.repeat = 2;
  const contract::StartPoint within[] = {{&episodes[0], 1}};
  EXPECT_THROW(play_actions(world, within, 4), std::logic_error);
}

TEST(ValidHorizon, IsTheLastHorizonBeforeTheFirstFailure) {
  const std::vector<int64_t> h{0, 2, 4, 6, 8};
  const std::vector<double> high{0.0, 1.0, 1.0, 1.0, 1.0};
  const auto valid = [&](const std::vector<double>& error, const std::vector<double>& persistence) {
    return valid_horizon(h, error, persistence, 0.3);
  };
  EXPECT_EQ(valid({0.1, 0.1, 0.2, 0.3, 0.31}, high), 6);  // 0.3 itself is allowed
  EXPECT_EQ(valid({0.1, 0.1, 0.4, 0.1, 0.1}, high), 2);   // what comes after a failure does not count
  EXPECT_EQ(valid({0.5, 0.1, 0.1, 0.1, 0.1}, high), 8);   // horizon 0 is not asked
  EXPECT_EQ(valid({0.1, 0.1, 0.1, 0.1, 0.1}, {0.0, 0.2, 0.2, 0.1, 0.2}), 4);  // must be *below* persistence
  EXPECT_EQ(valid({0.0, 0.4, 0.1, 0.1, 0.1}, high), 0);
  EXPECT_EQ(valid({0.0, std::nan(""), 0.1, 0.1, 0.1}, high), 0);
}

TEST(Returns, ClosedLoopSumsRewardsInTheWorld) {
  const std::vector<contract::Episode> episodes{drift_episode(10, constant_action),
                                                drift_episode(10, constant_action, 2.0f)};
  DriftWorld world;
  world.repeat = 2;
  tests::FunctionPolicy same_action = tests::constant_policy(0.25f);
  const std::vector<contract::StartPoint> starts = first_rows(episodes);
  EXPECT_EQ(closed_loop_returns(world, starts, same_action, drift_spec(), 0, 10), episode_returns(episodes));
  // Nine control steps: the fifth decision counts by half.
  const std::vector<double> nine = closed_loop_returns(world, starts, same_action, drift_spec(), 0, 9);
  EXPECT_DOUBLE_EQ(nine[0], 0.25 * (36.0 + (9.0 + 10.0) / 2.0));
}

TEST(Returns, RewardsCountWithTheProbabilityOfBeingAlive) {
  const std::vector<contract::Episode> episodes{drift_episode(3, constant_action)};
  DriftWorld world;
  world.survival = 0.5f;
  tests::FunctionPolicy policy = tests::constant_policy(0.25f);
  const std::vector<double> returns =
      closed_loop_returns(world, first_rows(episodes), policy, drift_spec(), 0, 3);
  EXPECT_DOUBLE_EQ(returns[0], 0.25 + 0.5 * 0.5 + 0.25 * 0.75);
}

TEST(Returns, InjectedBiasShowsAsBiasTimesDecisions) {
  std::vector<contract::Episode> episodes;
  episodes.reserve(8);
  for (int i = 0; i < 8; ++i) episodes.push_back(drift_episode(40, constant_action, 0.5f * float(i)));
  DriftWorld hopeful;
  hopeful.repeat = 2;
  hopeful.reward_bias = 0.125f;
  tests::FunctionPolicy policy = tests::constant_policy(0.25f);
  const ReturnComparison r =
      compare_returns(episode_returns(episodes),
                      closed_loop_returns(hopeful, first_rows(episodes), policy, drift_spec(), 0, 40), 0);
  EXPECT_DOUBLE_EQ(r.bias.mean, 0.125 * 20);
  EXPECT_DOUBLE_EQ(r.bias.low, r.bias.high);  // the same for every start
  EXPECT_DOUBLE_EQ(r.correlation, 1.0);
  EXPECT_DOUBLE_EQ(r.rank_correlation, 1.0);
  EXPECT_LT(r.simulated_return.low, r.simulated_return.mean);
  EXPECT_GT(r.simulated_return.high, r.simulated_return.mean);
  EXPECT_EQ(r.simulated_return.n, 8);
}

// A probe that is off by one standard deviation in the one dimension that varies.
TEST(ReconstructionError, IsInUnitsOfTheSpread) {
  const std::vector<contract::Episode> episodes = slow_episodes();
  const double sigma = observation_spread(episodes)[0];
  const auto off = [&](std::span<const float> rows, std::span<float> decoded) {
    for (size_t i = 0; i < rows.size(); ++i)
      decoded[i] = rows[i] + static_cast<float>(i % 2 == 0 ? sigma : 9.0);
  };
  EXPECT_EQ(reconstruction_errors(episodes, off).size(), 10u);  // rows 0, 25, ..., 100 of two episodes
  for (const double error : reconstruction_errors(episodes, off)) EXPECT_NEAR(error, 1.0, 1e-5);
  const auto perfect = [](std::span<const float> rows, std::span<float> decoded) {
    std::ranges::copy(rows, decoded.begin());
  };
  EXPECT_THAT(reconstruction_errors(episodes, perfect), Each(0.0));
}

}  // namespace
}  // namespace reverie::evaluation
