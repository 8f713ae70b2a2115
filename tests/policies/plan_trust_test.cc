#include "policies/plan_trust.h"

#include <gtest/gtest.h>

namespace reverie::policies {
namespace {

constexpr double kDiscount = 0.99;

// Decisions until the plan of one is not allowed, at most `most`: the actor's worth stays at `actor`, every
// plan claims `claim`, and r is what it gets.
int decisions_until_rest(PlanTrust& trust, float actor, float claim, float reward, int most) {
  for (int t = 0; t < most; ++t) {
    if (!trust.allow(actor)) return t;
    trust.played(actor, claim, reward);
  }
  return most;
}

int rest(PlanTrust& trust, float actor) {
  int decisions = 1;  // the first one has been asked for
  while (!trust.allow(actor)) ++decisions;
  return decisions;
}

// Each idle decision loses (1 - gamma) 100 = 1; allowed are 10 times (1 - gamma) 103 = 10.3.
TEST(PlanTrust, PlansThatGoNowhereAreStopped) {
  PlanTrust trust(10.0, kDiscount);
  EXPECT_EQ(decisions_until_rest(trust, 100.0F, 103.0F, 0.0F, 1000), 11);
}

TEST(PlanTrust, EveryRestIsTwiceAsLong) {
  PlanTrust trust(10.0, kDiscount);
  for (const int expected : {20, 40, 80}) {
    decisions_until_rest(trust, 100.0F, 103.0F, 0.0F, 1000);
    EXPECT_EQ(rest(trust, 100.0F), expected);
    trust.played(100.0F, 103.0F, 0.0F);
  }
}

// r = (1 - gamma) V: the actor's own rate of return.
TEST(PlanTrust, PlansThatEarnWhatTheActorEarnsGoOn) {
  PlanTrust trust(10.0, kDiscount);
  EXPECT_EQ(decisions_until_rest(trust, 100.0F, 103.0F, 1.0F + 1e-4F, 1000), 1000);
}

TEST(PlanTrust, OnlyWhatPlansLostCounts) {
  PlanTrust trust(10.0, kDiscount);
  float actor = 100.0F;
  for (int t = 0; t < 50; ++t, actor -= 1.0F) EXPECT_TRUE(trust.allow(actor));  // the actor falls by itself
}

// What was gained before does not pay for what is lost later.
TEST(PlanTrust, GainsAreNotSavedUp) {
  PlanTrust trust(10.0, kDiscount);
  decisions_until_rest(trust, 100.0F, 103.0F, 50.0F, 100);
  EXPECT_LE(decisions_until_rest(trust, 100.0F, 103.0F, 0.0F, 1000), 12);
}

// With a worth of nothing there is nothing to lose: sparse rewards that only the plan sees yet.
TEST(PlanTrust, PlansForRewardsThatTheActorDoesNotSeeGoOn) {
  PlanTrust trust(10.0, kDiscount);
  EXPECT_EQ(decisions_until_rest(trust, 0.1F, 20.0F, 0.0F, 1000), 1000);
}

// Worth -100, and each decision costs 3 where the actor's costs 1.
TEST(PlanTrust, CostsCountLikeMissingRewards) {
  PlanTrust trust(10.0, kDiscount);
  EXPECT_EQ(decisions_until_rest(trust, -100.0F, -97.0F, -3.0F, 1000), 6);
  PlanTrust better(10.0, kDiscount);
  EXPECT_EQ(decisions_until_rest(better, -100.0F, -97.0F, -0.9F, 1000), 1000);
}

}  // namespace
}  // namespace reverie::policies
