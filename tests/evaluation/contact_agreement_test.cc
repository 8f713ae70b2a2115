#include "evaluation/contact_agreement.h"

#include <gtest/gtest.h>

#include <cmath>

namespace reverie::evaluation {
namespace {

const std::pair<int, int> kLeft{0, 3}, kRight{0, 6}, kKnees{2, 5};

TEST(Contacts, AreCountedPairByPair) {
  const ContactCounts counts = count_contacts({kLeft, kRight}, {kLeft, kKnees});
  EXPECT_EQ(counts.both, 1);
  EXPECT_EQ(counts.physics_only, 1);
  EXPECT_EQ(counts.dream_only, 1);
  ContactCounts sum = counts;
  sum.add(count_contacts({kLeft}, {}));
  sum.add(count_contacts({}, {}));
  EXPECT_DOUBLE_EQ(sum.precision(), 0.5);
  EXPECT_DOUBLE_EQ(sum.recall(), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(sum.f1(), 0.4);  // 2 / (2 + 1 + 2)
}

TEST(Contacts, ThatAreTheSameScoreOne) {
  const ContactCounts counts = count_contacts({kLeft, kKnees}, {kLeft, kKnees});
  EXPECT_EQ(counts.precision(), 1.0);
  EXPECT_EQ(counts.recall(), 1.0);
  EXPECT_EQ(counts.f1(), 1.0);
}

TEST(Contacts, WithoutAnyThereIsNoScore) {
  EXPECT_TRUE(std::isnan(count_contacts({}, {}).f1()));
  EXPECT_TRUE(std::isnan(count_contacts({kLeft}, {}).precision()));
  EXPECT_EQ(count_contacts({kLeft}, {}).f1(), 0.0);
}

TEST(Onsets, AreHeldAgainstTheNearestOfTheSamePair) {
  const Contacts none, left{kLeft}, right{kRight}, feet{kLeft, kRight};
  // Left begins in states 2 and 6, right in 4; what touches in state 0 has not begun.
  const Contacts physics[] = {right, none, left, none, right, none, left};
  const Contacts dream[] = {right, none, none, left, none, none, feet};
  OnsetCounts counts = count_onsets(physics, dream);
  EXPECT_EQ(counts.onsets, 3);
  EXPECT_EQ(counts.missed, 0);
  EXPECT_EQ(counts.distance, 1 + 0 + 2);
  const Contacts still[] = {left, left, left, left, none, none, none};
  counts.add(count_onsets(physics, still));
  EXPECT_EQ(counts.onsets, 6);
  EXPECT_EQ(counts.missed, 3);
  EXPECT_EQ(count_onsets(physics, physics).distance, 0);
}

}  // namespace
}  // namespace reverie::evaluation
