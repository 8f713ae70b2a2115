#include "training/data/reward_sizes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "contract/rng.h"

namespace reverie::training {
namespace {

constexpr double kReach = 402.4, kDiscount = 0.97;  // of the default bins

using Reward = std::function<double(int64_t decision, contract::Rng& rng)>;

// Ten episodes of `length` decisions.
RewardSizes sizes_of(const Reward& reward, int64_t length = 500) {
  RewardSizes sizes;
  for (uint64_t episode = 0; episode < 10; ++episode) {
    contract::Rng rng(1, episode, contract::Stream::kEvaluation);
    double sum = 0.0;
    for (int64_t t = 0; t < length; ++t) {
      const double r = reward(t, rng);
      sum = kDiscount * sum + r;
      sizes.add(r, sum);
    }
  }
  return sizes;
}

double scale_of(const Reward& reward, double current = 1.0) {
  return fitting_reward_scale(sizes_of(reward), current, kReach);
}

double in_unit_range(int64_t, contract::Rng& rng) { return 2.0 * rng.uniform(); }

TEST(RewardScale, StaysOneForRewardsOfAtMostOneAControlStep) {
  EXPECT_EQ(scale_of(in_unit_range), 1.0);
  EXPECT_EQ(scale_of([](int64_t, contract::Rng&) { return 2.0; }), 1.0);
  EXPECT_EQ(scale_of([](int64_t, contract::Rng&) { return 0.07; }), 1.0);
  EXPECT_EQ(scale_of([](int64_t, contract::Rng&) { return -1.0; }), 1.0);  // so much for every step
  EXPECT_EQ(scale_of([](int64_t, contract::Rng&) { return 0.0; }), 1.0);
  EXPECT_EQ(scale_of([](int64_t t, contract::Rng&) { return t == 300 ? 2.0 : 0.0; }), 1.0);  // sparse
  EXPECT_EQ(fitting_reward_scale({}, 1.0, kReach), 1.0);
}

// A reward that fades out with the distance is tiny until something comes near.
TEST(RewardScale, FaintTailsSayNothingOfTheUnit) {
  const auto fading = [](double rate) {
    return scale_of(
        [&](int64_t t, contract::Rng&) { return 1e-4 * std::exp(-rate * static_cast<double>(t)); });
  };
  EXPECT_EQ(fading(0.1), 1.0);
  EXPECT_LT(fading(0.01), 0.01);  // most of them lie within a factor of 64: it is the unit that is small
  EXPECT_EQ(scale_of([](int64_t, contract::Rng&) { return 1e-30; }), 1.0);
}

TEST(RewardScale, FollowsTheUnit) {
  for (const double unit : {1e-9, 1e-4, 1e4, 1e9}) {
    const double scale =
        scale_of([&](int64_t t, contract::Rng& rng) { return unit * in_unit_range(t, rng); });
    const double sum = 33.0 * unit / scale;  // of an ordinary reward: 1
    EXPECT_GE(sum, 8.0) << unit;
    EXPECT_LT(sum, 64.0) << unit;
    EXPECT_EQ(std::exp2(std::round(std::log2(scale))), scale);
  }
}

// A few fast turns of a pendulum cost a hundred times what its rest does: the many count, not the few.
TEST(RewardScale, FewLargeRewardsDoNotHideASmallUnit) {
  EXPECT_LT(scale_of([](int64_t t, contract::Rng&) { return t == 100 ? 0.9 : 1e-3; }), 0.1);
}

TEST(RewardScale, RewardsTimesAPowerOfTwoGetTheScaleTimesIt) {
  const auto scale = [](double unit) {
    return scale_of([&](int64_t t, contract::Rng& rng) { return -unit * in_unit_range(t, rng); });
  };
  EXPECT_EQ(scale(0x1p20), 0x1p10 * scale(0x1p10));
  EXPECT_EQ(scale(0x1p-20), 0x1p-10 * scale(0x1p-10));
}

// 10 a control step, as the best half-cheetahs run.
TEST(RewardScale, MakesRoomForValuesBeyondTheBins) {
  const double scale = scale_of([](int64_t, contract::Rng&) { return 20.0; });
  EXPECT_GT(scale, 1.0);
  EXPECT_LT(667.0 / scale, kReach / 2);
  // Twice as much later still fits: no change.
  EXPECT_EQ(scale_of([](int64_t, contract::Rng&) { return 40.0; }, scale), scale);
}

TEST(RewardScale, ABonusAtTheEndFitsBesideRewardsOfOne) {
  const double scale = scale_of([](int64_t t, contract::Rng&) { return t == 499 ? 1000.0 : 1.0; });
  EXPECT_GE(scale, 1000.0 / kReach);
  EXPECT_LE(scale, 32.0);
}

TEST(RewardScale, OneOutlierDoesNotHideTheOthers) {
  for (const double unit : {1e-4, 1.0, 1e4}) {
    int64_t seen = 0;
    const double scale = scale_of([&](int64_t t, contract::Rng& rng) {
      return ++seen == 1700 ? 1e6 * unit : unit * in_unit_range(t, rng);
    });
    EXPECT_GE(unit / scale, 1.0 / 64.0);
    EXPECT_LE(unit / scale, 4.0);
  }
}

TEST(RewardScale, IsNotChangedTwiceByTheSameRewards) {
  for (const double unit : {1e-4, 1e-2, 1.0, 1e4}) {
    for (const double odd : {1.0, 1e3, 1e6}) {
      const RewardSizes sizes = sizes_of(
          [&](int64_t t, contract::Rng& rng) { return unit * (t == 7 ? odd : in_unit_range(t, rng)); });
      for (const double current : {0x1p-20, 1.0, 0x1p20}) {
        const double scale = fitting_reward_scale(sizes, current, kReach);
        EXPECT_EQ(fitting_reward_scale(sizes, scale, kReach), scale) << unit << " " << odd << " " << current;
      }
    }
  }
}

TEST(RewardScale, LeavesRewardsThatWiderBinsHold) {
  const RewardSizes sizes = sizes_of([](int64_t, contract::Rng& rng) { return 1e4 * rng.uniform(); });
  EXPECT_EQ(fitting_reward_scale(sizes, 1.0, std::expm1(16.0)), 1.0);
  EXPECT_FALSE(exceeds_reach(sizes, 1.0, std::expm1(16.0)));
  EXPECT_TRUE(exceeds_reach(sizes, 1.0, kReach));
}

TEST(RewardSizes, RemovedOnesLeaveNothing) {
  RewardSizes sizes;
  sizes.add(3.0, 100.0);
  sizes.add(-0.2, 90.0);
  EXPECT_EQ(sizes.largest_sum(), 6);
  EXPECT_EQ(sizes.reward_of_share(0.5), 1);
  EXPECT_EQ(sizes.reward_of_share(1.0), -3);
  sizes.remove(3.0, 100.0);
  EXPECT_EQ(sizes.reward_of_share(0.5), -3);
  sizes.remove(-0.2, 90.0);
  EXPECT_FALSE(sizes.largest_sum());
  EXPECT_FALSE(sizes.reward_of_share(0.5));
  EXPECT_EQ(sizes.rewards(), 0);
}

TEST(RewardSizes, CountOnlyFiniteNumbers) {
  RewardSizes sizes;
  for (const double odd : {std::numeric_limits<double>::infinity(), std::nan(""), 0.0, 1e-300})
    sizes.add(odd, odd);
  EXPECT_FALSE(sizes.largest_sum());
  sizes.add(1e300, -1e300);
  EXPECT_EQ(sizes.largest_sum(), 87);
}

}  // namespace
}  // namespace reverie::training
