#include "report/ranking.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "report/statistics.h"

namespace reverie::report {
namespace {

using Values = std::vector<double>;

const Values kX{1, 2, 2, 3, 5, 5, 7, 8}, kY{2, 1, 3, 3, 4, 6, 5, 6};

TEST(Kendall, WithTiesIsTauB) {
  // 22 pairs agree, 2 do not, 2 are tied in each: 20 / 26.
  EXPECT_NEAR(kendall(kX, kY), 20.0 / 26.0, 1e-15);
  EXPECT_EQ(kendall(kX, kX), 1.0);
  EXPECT_EQ(kendall(Values{1, 2, 3}, Values{9, 4, -1}), -1.0);
}

TEST(Spearman, WithTiesCorrelatesAverageRanks) {
  EXPECT_NEAR(spearman(kX, kY), 0.8780487804878049, 1e-14);  // NumPy
}

TEST(RankViolation, TheTruthGivesItsSize) {
  const Values truth{800, 650, 900, 100, 650}, predicted{700, 750, 720, 150, 600};
  EXPECT_DOUBLE_EQ(mean_maximum_rank_violation(truth, predicted), 130.0);  // NumPy, from the definition
  EXPECT_DOUBLE_EQ(mean_maximum_rank_violation(predicted, truth),
                   56.0);  // the other way round: another figure
  EXPECT_EQ(mean_maximum_rank_violation(truth, truth), 0.0);
  EXPECT_EQ(mean_maximum_rank_violation(truth, Values{8, 6.5, 9, 1, 6.5}),
            0.0);  // only the order of the second
}

TEST(RankViolation, ATieAgainstAnOrderCountsInOneDirection) {
  EXPECT_DOUBLE_EQ(mean_maximum_rank_violation(Values{0, 10}, Values{5, 5}), 5.0);  // i = 0 only
  EXPECT_DOUBLE_EQ(mean_maximum_rank_violation(Values{0, 10}, Values{5, 4}), 10.0);
}

TEST(Regret, IsWhatTheChosenOneLacks) {
  EXPECT_DOUBLE_EQ(regret_at_one(Values{800, 650, 900}, Values{700, 750, 720}), 250.0);
  EXPECT_DOUBLE_EQ(regret_at_one(Values{800, 650, 900}, Values{1, 0, 1}), 100.0);  // the first of equals
  EXPECT_EQ(regret_at_one(Values{3}, Values{1}), 0.0);
}

TEST(Ranking, OfNothingOrOfWhatDoesNotVaryIsNotDefined) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(kendall(Values{}, Values{})));
  EXPECT_TRUE(std::isnan(kendall(Values{1}, Values{1})));
  EXPECT_TRUE(std::isnan(kendall(Values{1, 1}, Values{1, 2})));
  EXPECT_TRUE(std::isnan(kendall(Values{1, nan}, Values{1, 2})));
  EXPECT_TRUE(std::isnan(mean_maximum_rank_violation(Values{}, Values{})));
  EXPECT_TRUE(std::isnan(regret_at_one(Values{}, Values{})));
  EXPECT_THROW(kendall(Values{1}, Values{}), std::invalid_argument);
  EXPECT_THROW(mean_maximum_rank_violation(Values{1}, Values{}), std::invalid_argument);
  EXPECT_THROW(regret_at_one(Values{1}, Values{}), std::invalid_argument);
}

}  // namespace
}  // namespace reverie::report
