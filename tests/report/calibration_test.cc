#include "report/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace reverie::report {
namespace {

using Values = std::vector<double>;
using Outcomes = std::vector<uint8_t>;

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

TEST(Crps, OfAnEnsembleIsThatOfItsStepFunction) {
  const Values ensemble{0.2, 1.5, -0.4, 1.5, 0.9};
  EXPECT_NEAR(crps(ensemble, 1.1), 0.272, 1e-14);  // NumPy: all pairs, and the integral of (F - 1)^2 to 1e-6
  EXPECT_NEAR(crps(ensemble, -2.0), 2.332, 1e-14);
  EXPECT_DOUBLE_EQ(crps(Values{2.0}, -1.0), 3.0);  // a single member: the absolute error
  EXPECT_EQ(crps(Values{4.0, 4.0}, 4.0), 0.0);
}

TEST(Calibration, ErrorIsTheMeanGapOfTheBins) {
  const Values p{0, 0.05, 0.1, 0.15, 0.5, 0.55, 0.95, 1.0, 0.3, 0.3};
  const Outcomes o{0, 0, 1, 0, 1, 0, 1, 1, 0, 1};
  EXPECT_NEAR(expected_calibration_error(p, o), 0.13, 1e-14);     // NumPy
  EXPECT_NEAR(expected_calibration_error(p, o, 4), 0.12, 1e-14);  // other bins, another figure
  EXPECT_NEAR(expected_calibration_error(p, o, 1), std::abs(0.39 - 0.5), 1e-14);
  EXPECT_EQ(expected_calibration_error(Values{0, 1, 1}, Outcomes{0, 1, 1}), 0.0);
  EXPECT_EQ(expected_calibration_error(Values{1, 0}, Outcomes{0, 1}), 1.0);
}

TEST(ShareOf, HasAgrestiAndCoullsInterval) {
  const Estimate e = share_of(7, 20);
  EXPECT_DOUBLE_EQ(e.mean, 0.35);
  EXPECT_NEAR(e.low, 0.1813140524048245, 1e-12);  // Python
  EXPECT_NEAR(e.high, 0.5686859475951755, 1e-12);
  EXPECT_EQ(e.n, 20);
  EXPECT_EQ(share_of(0, 10).mean, 0.0);
  EXPECT_EQ(share_of(0, 10).low, 0.0);  // never below 0
  EXPECT_NEAR(share_of(0, 10).high, 0.3261568024192256, 1e-12);
  EXPECT_EQ(share_of(10, 10).high, 1.0);
  EXPECT_TRUE(std::isnan(share_of(0, 0).mean));
  EXPECT_THROW(share_of(3, 2), std::invalid_argument);
  EXPECT_THROW(share_of(-1, 2), std::invalid_argument);
}

TEST(DifferenceOfShares, HasAgrestiAndCaffosInterval) {
  const Estimate e = difference_of_shares(7, 20, 3, 25);
  EXPECT_DOUBLE_EQ(e.mean, 0.23);
  EXPECT_NEAR(e.low, -0.026092682515486076, 1e-14);  // NumPy
  EXPECT_NEAR(e.high, 0.4570691134919171, 1e-14);
  EXPECT_EQ(e.n, 45);
}

TEST(DifferenceOfShares, AtTheEndsStaysWithinOne) {
  const Estimate none_to_all = difference_of_shares(0, 5, 5, 5);
  EXPECT_EQ(none_to_all.mean, -1.0);
  EXPECT_EQ(none_to_all.low, -1.0);  // -1.08 before the cut
  EXPECT_NEAR(none_to_all.high, -0.3476863951615487, 1e-14);
  const Estimate equal =
      difference_of_shares(0, 10, 0, 10);  // not of width 0, as the plain interval would be
  EXPECT_EQ(equal.mean, 0.0);
  EXPECT_NEAR(equal.high, 1.959963984540054 * std::sqrt(2.0 * 11.0 / 144.0 / 12.0), 1e-14);
}

TEST(Auroc, IsThePartOfPairsInTheRightOrder) {
  // 8 pairs: 3 right, 3 wrong or tied at half, from the definition in NumPy.
  EXPECT_NEAR(auroc(Values{0.1, 0.4, 0.35, 0.8, 0.4, 0.4}, Outcomes{0, 0, 1, 1, 1, 0}), 2.0 / 3.0, 1e-15);
  EXPECT_EQ(auroc(Values{1, 2, 3, 4}, Outcomes{0, 0, 1, 1}), 1.0);
  EXPECT_EQ(auroc(Values{4, 3, 2, 1}, Outcomes{0, 0, 1, 1}), 0.0);
  EXPECT_EQ(auroc(Values{1, 1, 1}, Outcomes{0, 1, 1}), 0.5);
}

TEST(Scores, OfNothingAreNotDefined) {
  EXPECT_TRUE(std::isnan(crps(Values{}, 1.0)));
  EXPECT_TRUE(std::isnan(crps(Values{1.0}, kNotANumber)));
  EXPECT_TRUE(std::isnan(crps(Values{kNotANumber}, 1.0)));
  EXPECT_TRUE(std::isnan(expected_calibration_error(Values{}, Outcomes{})));
  EXPECT_TRUE(std::isnan(difference_of_shares(0, 0, 1, 2).mean));
  EXPECT_TRUE(std::isnan(difference_of_shares(1, 2, 0, 0).low));
  EXPECT_TRUE(std::isnan(auroc(Values{}, Outcomes{})));
  EXPECT_TRUE(std::isnan(auroc(Values{1, 2}, Outcomes{1, 1})));
  EXPECT_TRUE(std::isnan(auroc(Values{1, kNotANumber}, Outcomes{0, 1})));
}

TEST(Scores, WhatIsNoProbabilityOrNoPairIsRefused) {
  EXPECT_THROW(expected_calibration_error(Values{1.5}, Outcomes{1}), std::invalid_argument);
  EXPECT_THROW(expected_calibration_error(Values{kNotANumber}, Outcomes{1}), std::invalid_argument);
  EXPECT_THROW(expected_calibration_error(Values{0.5}, Outcomes{1, 0}), std::invalid_argument);
  EXPECT_THROW(expected_calibration_error(Values{0.5}, Outcomes{1}, 0), std::invalid_argument);
  EXPECT_THROW(difference_of_shares(3, 2, 0, 1), std::invalid_argument);
  EXPECT_THROW(auroc(Values{1}, Outcomes{}), std::invalid_argument);
}

}  // namespace
}  // namespace reverie::report
