#include "report/uncertainty.h"

#include <gmock/gmock.h>

#include <cmath>
#include <stdexcept>

namespace reverie::report {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using V = std::vector<double>;

TEST(IsotonicFit, KeepsRisingPointsAndPoolsOthers) {
  EXPECT_THAT(isotonic_fit(V{3, 1, 2}, V{30, 10, 20}).y, ElementsAre(10, 20, 30));
  // By hand: 3 and 1 are pooled to 2, 5 and 4 to 4.5.
  const RisingCurve curve = isotonic_fit(V{1, 2, 3, 4, 5, 6}, V{3, 1, 5, 4, 6, 9});
  EXPECT_THAT(curve.x, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(curve.y, ElementsAre(2, 2, 4.5, 4.5, 6, 9));
  EXPECT_THAT(isotonic_fit(V{1, 2, 3}, V{3, 2, 1}).y, ElementsAre(2, 2, 2));
}

TEST(IsotonicFit, EqualCasesAreOnePoint) {
  const RisingCurve curve = isotonic_fit(V{1, 1, 1, 2}, V{0, 3, 6, 1});
  EXPECT_THAT(curve.x, ElementsAre(1, 2));
  EXPECT_THAT(curve.y, ElementsAre(2.5, 2.5));  // the mean 3 of three cases and one 1: 10 / 4
}

TEST(IsotonicFit, IsLinearBetweenThePointsAndLevelOutside) {
  const RisingCurve curve = isotonic_fit(V{1, 3}, V{10, 20});
  EXPECT_EQ(curve.at(0), 10);
  EXPECT_EQ(curve.at(1), 10);
  EXPECT_EQ(curve.at(2), 15);
  EXPECT_EQ(curve.at(9), 20);
  EXPECT_TRUE(std::isnan(RisingCurve{}.at(1.0)));
  EXPECT_THROW(isotonic_fit(V{1}, V{}), std::invalid_argument);
}

TEST(Sparsification, OfTheBestTheWorstAndNoOrder) {
  const V error{1, 2, 3, 6};
  const Sparsification best = sparsification(V{0.1, 0.2, 0.3, 0.4}, error);
  EXPECT_THAT(best.removed, ElementsAre(0, 0.25, 0.5, 0.75));
  EXPECT_THAT(best.by_uncertainty, ElementsAre(3, 2, 1.5, 1));
  EXPECT_EQ(best.by_uncertainty, best.by_error);
  EXPECT_EQ(best.missed, 0.0);
  const Sparsification none = sparsification(V{7, 7, 7, 7}, error);
  EXPECT_THAT(none.by_uncertainty, ElementsAre(3, 3, 3, 3));
  EXPECT_EQ(none.missed, 1.0);
  // 6, 3, 2, 1: means 3, 11/3, 4.5, 6 of the rest; their mean 103/24, the best 7.5/4, none 3.
  EXPECT_THAT(sparsification(V{4, 3, 2, 1}, error).missed, DoubleEq((103.0 / 24 - 1.875) / (3 - 1.875)));
}

TEST(Sparsification, OfEqualErrorsOrNothingIsUnknown) {
  EXPECT_TRUE(std::isnan(sparsification(V{1, 2}, V{5, 5}).missed));
  EXPECT_TRUE(std::isnan(sparsification(V{}, V{}).missed));
  EXPECT_THAT(sparsification(V{}, V{}).removed, IsEmpty());
  EXPECT_THROW(sparsification(V{1}, V{}), std::invalid_argument);
}

}  // namespace
}  // namespace reverie::report
