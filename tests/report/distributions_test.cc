#include "report/distributions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace reverie::report {
namespace {

using Values = std::vector<double>;

const Values kA{0.3, 1.1, 1.1, 2.5, -0.7, 3.0, 0.0}, kB{1.1, 2.0, 4.5, 3.3, 2.5, 2.2, 0.9, 5.0, 1.7};
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

TEST(KsDistance, WithTiesIsThatOfTheStepFunctions) {
  EXPECT_NEAR(ks_distance(kA, kB), 31.0 / 63.0, 1e-15);  // NumPy, from the definition
  EXPECT_EQ(ks_distance(kA, kB), ks_distance(kB, kA));
}

TEST(KsDistance, EqualSamplesAreZeroApartAndSeparateOnesOne) {
  EXPECT_EQ(ks_distance(kA, kA), 0.0);
  EXPECT_EQ(ks_distance(Values{1, 2, 3}, Values{4, 5}), 1.0);
  EXPECT_EQ(ks_distance(Values{2}, Values{2, 2, 2, 2}), 0.0);  // sizes do not matter
  EXPECT_DOUBLE_EQ(ks_distance(Values{1, kInf}, Values{1, 2}), 0.5);
}

TEST(KsPValue, IsExactForSmallSamples) {
  // Lattice paths counted with integers in Python; the fourth by going through all 35 orders of 3 + 4 values.
  EXPECT_NEAR(ks_p_value(31.0 / 63.0, 7, 9), 0.21765734265734266, 1e-13);
  EXPECT_NEAR(ks_p_value(0.2, 100, 100), 0.03638428787491731, 1e-12);
  EXPECT_NEAR(ks_p_value(0.15, 120, 100), 0.1547930053329387, 1e-12);
  EXPECT_NEAR(ks_p_value(8.0 / 12.0, 3, 4), 0.4, 1e-13);
  EXPECT_NEAR(ks_p_value(1.0, 2, 3), 0.2, 1e-13);  // 2 of 10 orders
  EXPECT_EQ(ks_p_value(1.0, 1, 1), 1.0);
  EXPECT_EQ(ks_p_value(0.0, 5, 5), 1.0);
}

TEST(KsPValue, OfLargeSamplesIsTheCorrectedLimit) {
  EXPECT_NEAR(ks_p_value(0.05, 1000, 1000), 0.16411447756429134, 1e-10);  // still exact
  EXPECT_NEAR(ks_p_value(0.05, 1001, 1000), 0.1595, 1e-3);                // the limit, 3% off
  EXPECT_NEAR(ks_p_value(0.03, 5000, 4000), 0.03587745391777738, 1e-12);
  EXPECT_EQ(ks_p_value(1e-7, 5000, 4000), 1.0);
}

TEST(Wasserstein, IsTheAreaBetweenTheStepFunctions) {
  // NumPy, by the difference of the quantile functions on a common grid of 63.
  EXPECT_NEAR(wasserstein_distance(kA, kB), 1.534920634920635, 1e-14);
  EXPECT_NEAR(wasserstein_distance(kB, kA), 1.534920634920635, 1e-14);
  EXPECT_EQ(wasserstein_distance(kA, kA), 0.0);
  EXPECT_DOUBLE_EQ(wasserstein_distance(Values{1, 2}, Values{4, 5}), 3.0);
  EXPECT_DOUBLE_EQ(wasserstein_distance(Values{0}, Values{-1, 1, 1, 3}), 1.5);
  EXPECT_EQ(wasserstein_distance(Values{1, kInf}, Values{1, 2}), kInf);
  EXPECT_EQ(wasserstein_distance(Values{1, kInf}, Values{1, kInf}), 0.0);
}

TEST(Distributions, NothingAndNotANumberHaveNoDistance) {
  for (const auto distance : {ks_distance, wasserstein_distance}) {
    EXPECT_TRUE(std::isnan(distance(Values{}, kA)));
    EXPECT_TRUE(std::isnan(distance(kA, Values{})));
    EXPECT_TRUE(std::isnan(distance(kA, Values{1.0, kNotANumber})));
  }
  EXPECT_TRUE(std::isnan(ks_p_value(0.5, 0, 3)));
  EXPECT_TRUE(std::isnan(ks_p_value(kNotANumber, 3, 3)));
}

}  // namespace
}  // namespace reverie::report
