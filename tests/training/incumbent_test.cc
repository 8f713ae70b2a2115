#include "training/incumbent.h"

#include <gtest/gtest.h>

#include <limits>

namespace reverie::training {
namespace {

using Returns = std::vector<double>;

TEST(Incumbent, TheFirstHasNoRival) {
  EXPECT_TRUE(beats(Returns{-5.0, 3.0}, {}, 1, 5000));
  EXPECT_FALSE(beats(Returns{}, {}, 1, 5000));
}

TEST(Incumbent, ReturnsAreComparedStartByStart) {
  // Starts differ by hundreds, the policies by one or two on every start: proven.
  const Incumbent incumbent{5000, {100.0, 900.0, 500.0, 300.0, 700.0}};
  EXPECT_TRUE(beats(Returns{101.0, 902.0, 501.0, 301.0, 702.0}, incumbent, 1, 10000));
  // The same returns on other starts prove nothing.
  EXPECT_FALSE(beats(Returns{902.0, 101.0, 301.0, 702.0, 501.0}, incumbent, 1, 10000));
}

TEST(Incumbent, NotBetterNeverWins) {
  const Incumbent incumbent{5000, {100.0, 900.0, 500.0, 300.0, 700.0}};
  for (int64_t step = 0; step < 200; ++step) {
    EXPECT_FALSE(beats(incumbent.returns, incumbent, 1, step));  // equal
    EXPECT_FALSE(beats(Returns{99.0, 899.0, 499.0, 299.0, 699.0}, incumbent, 1, step));
    // Better on average by luck on one start.
    EXPECT_FALSE(beats(Returns{99.0, 899.0, 499.0, 299.0, 900.0}, incumbent, 1, step));
  }
}

TEST(Incumbent, OnlyCommonStartsCount) {
  const Incumbent incumbent{5000, {100.0, 200.0, 300.0}};
  EXPECT_TRUE(beats(Returns{101.0, 201.0}, incumbent, 1, 10000));
  EXPECT_FALSE(beats(Returns{100.0, 200.0, 300.0, 1000.0}, incumbent, 1, 10000));
}

TEST(Incumbent, ReturnsThatAreNotFiniteNeverWin) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(beats(Returns{nan}, {}, 1, 1));
  EXPECT_FALSE(beats(Returns{inf, 5.0}, {1, {1.0, 2.0}}, 1, 1));
}

TEST(MostFaithful, TheLongerDreamWinsAndOfEqualsTheSmallerError) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const MostFaithful holder{5000, 20.0, 0.1};
  EXPECT_TRUE(is_more_faithful({10000, 22.0, 0.9}, holder));
  EXPECT_FALSE(is_more_faithful({10000, 18.0, 0.01}, holder));
  EXPECT_TRUE(is_more_faithful({10000, 20.0, 0.09}, holder));
  EXPECT_FALSE(is_more_faithful({10000, 20.0, 0.1}, holder));  // the same: the first keeps the name
  EXPECT_FALSE(is_more_faithful({10000, 20.0, nan}, holder));
  EXPECT_TRUE(is_more_faithful({10000, 20.0, 0.5}, {5000, 20.0, nan}));
  EXPECT_FALSE(is_more_faithful({10000, nan, 0.0}, holder));
  EXPECT_FALSE(is_more_faithful({10000, inf, 0.0}, holder));
}

TEST(MostFaithful, ADreamThatDoesNotHoldAtAllHasNoRivalAtFirst) {
  EXPECT_FALSE(MostFaithful{}.held());
  EXPECT_TRUE(is_more_faithful({5000, 0.0, 3.0}, {}));
  EXPECT_FALSE(is_more_faithful({5000, std::numeric_limits<double>::quiet_NaN(), 3.0}, {}));
}

}  // namespace
}  // namespace reverie::training
