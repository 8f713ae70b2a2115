#include "report/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace reverie::report {
namespace {

const std::vector<double> kX{3.1, -2.0, 7.5, 7.5, 0.25, 11.0, 4.0};
const std::vector<double> kY{1.0, 0.5, 6.0, 5.0, 2.0, 9.0, 9.0};

// Any good source of bits will do; this one is fixed by the C++ standard.
RandomBits bits(uint64_t seed) {
  return [engine = std::mt19937_64(seed)]() mutable { return engine(); };
}

// Expected numbers are NumPy's and SciPy's.
TEST(Statistics, MomentsAndQuantiles) {
  EXPECT_NEAR(mean(kX), 4.478571428571429, 1e-12);
  EXPECT_NEAR(standard_deviation(kX), 4.523444220839649, 1e-12);
  const std::vector<double> qs{0.0, 0.1, 0.25, 0.5, 0.9, 1.0};
  const std::vector<double> expected{-2.0, -0.65, 1.675, 4.0, 8.9, 11.0};
  const std::vector<double> found = quantiles(kX, qs);
  for (size_t i = 0; i < qs.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << qs[i];
  EXPECT_EQ(median(kX), 4.0);
}

TEST(Statistics, Correlations) {
  EXPECT_NEAR(pearson(kX, kY), 0.7649477415685959, 1e-12);
  EXPECT_NEAR(spearman(kX, kY), 0.8, 1e-12);
  EXPECT_EQ(ranks(kX), (std::vector<double>{3.0, 1.0, 5.5, 5.5, 2.0, 7.0, 4.0}));
  std::vector<double> cubed = kX;
  for (double& v : cubed) v = v * v * v;
  EXPECT_DOUBLE_EQ(spearman(kX, cubed), 1.0);  // monotone: ranks agree
  EXPECT_LT(pearson(kX, cubed), 1.0);
}

TEST(Statistics, UndefinedIsNaN) {
  const std::vector<double> none, one{2.0}, same{1.0, 1.0, 1.0};
  EXPECT_TRUE(std::isnan(mean(none)));
  EXPECT_TRUE(std::isnan(median(none)));
  EXPECT_TRUE(std::isnan(standard_deviation(none)));
  EXPECT_EQ(standard_deviation(one), 0.0);
  EXPECT_TRUE(std::isnan(pearson(one, one)));
  EXPECT_TRUE(std::isnan(pearson(same, same)));
  EXPECT_TRUE(std::isnan(bootstrap_mean(none, bits(1)).low));
  EXPECT_THROW(pearson(one, same), std::invalid_argument);
  EXPECT_THROW(paired_difference(one, same, bits(1)), std::invalid_argument);
}

TEST(Statistics, ARatioOfMeansIsNotAMeanOfRatios) {
  const std::vector<double> a{1.0, 6.0, 2.0}, b{2.0, 3.0, 1.0}, none, zero{0.0, 0.0, 0.0}, one{1.0};
  const Estimate e = ratio_of_means(a, b, bits(4));
  EXPECT_DOUBLE_EQ(e.mean, 1.5);  // 9 / 6; the mean of ratios is 1.5 too, of the next ones it is not
  EXPECT_DOUBLE_EQ(ratio_of_means(std::vector{1.0, 9.0}, std::vector{4.0, 1.0}, bits(4)).mean, 2.0);
  EXPECT_DOUBLE_EQ(e.low, 0.5);   // the first case alone, drawn in 1 of 27 resamples
  EXPECT_DOUBLE_EQ(e.high, 2.0);  // either of the others alone
  EXPECT_EQ(e.n, 3);
  EXPECT_TRUE(std::isnan(ratio_of_means(none, none, bits(4)).mean));
  EXPECT_TRUE(std::isnan(ratio_of_means(a, zero, bits(4)).mean));
  EXPECT_EQ(ratio_of_means(a, a, bits(4)).low, 1.0);
  EXPECT_THROW(ratio_of_means(one, a, bits(4)), std::invalid_argument);
}

TEST(Statistics, QuantilesKeepInfinities) {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> values{1.0, 2.0, inf, inf};
  EXPECT_EQ(quantile(values, 0.9), inf);
  EXPECT_EQ(quantile(values, 0.25), 1.75);
  EXPECT_EQ(median(values), inf);
}

TEST(Bootstrap, OneValueHasNoSpread) {
  const std::vector<double> one{5.0};
  const Estimate e = bootstrap_mean(one, bits(1));
  EXPECT_EQ(e.mean, 5.0);
  EXPECT_EQ(e.low, 5.0);
  EXPECT_EQ(e.high, 5.0);
  EXPECT_EQ(e.n, 1);
}

TEST(Bootstrap, RepeatsFromItsBits) {
  const Estimate a = bootstrap_mean(kX, bits(7)), b = bootstrap_mean(kX, bits(7)),
                 c = bootstrap_mean(kX, bits(8));
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_NE(a.low, c.low);
}

// For many values the interval is the normal one: mean ± 1.96 s / sqrt(n).
TEST(Bootstrap, IsTheNormalIntervalForManyValues) {
  std::mt19937_64 engine(3);
  std::normal_distribution<double> normal(10.0, 2.0);
  std::vector<double> values(1000);
  for (double& v : values) v = normal(engine);
  const Estimate e = bootstrap_mean(values, bits(4), 4000);
  const double half = 1.96 * standard_deviation(values) / std::sqrt(1000.0);
  EXPECT_NEAR(e.low, e.mean - half, 0.08 * half);
  EXPECT_NEAR(e.high, e.mean + half, 0.08 * half);
}

// The 95% interval of a mean of 20 values must hold the true mean about 95% of the time (a little less:
// percentile intervals are narrow for small n).
TEST(Bootstrap, CoversTheTruth) {
  std::mt19937_64 engine(5);
  std::normal_distribution<double> normal(0.0, 1.0);
  int covered = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::vector<double> values(20);
    for (double& v : values) v = normal(engine);
    const Estimate e = bootstrap_mean(values, bits(static_cast<uint64_t>(trial)), 400);
    covered += e.low <= 0.0 && 0.0 <= e.high;
  }
  EXPECT_GT(covered, 356);
  EXPECT_LT(covered, 392);
}

TEST(Bootstrap, OfAnyStatisticIsThatOfTheMeanWhenItIsTheMean) {
  const std::vector<double> values{1.0, 4.0, -2.0, 8.0, 3.5, 3.5};
  const auto mean_of = [&](std::span<const size_t> cases) {
    double sum = 0.0;
    for (const size_t i : cases) sum += values[i];
    return sum / static_cast<double>(cases.size());
  };
  const Estimate any = bootstrap(values.size(), mean_of, bits(8)), known = bootstrap_mean(values, bits(8));
  EXPECT_EQ(any.mean, known.mean);
  EXPECT_EQ(any.low, known.low);
  EXPECT_EQ(any.high, known.high);
  EXPECT_EQ(any.n, 6);
}

TEST(Bootstrap, OfACorrelationLeavesOutDrawsThatDoNotVary) {
  const std::vector<double> x{1.0, 2.0, 3.0}, y{2.0, 1.0, 3.0};
  const auto correlation = [&](std::span<const size_t> cases) {
    std::vector<double> a, b;
    for (const size_t i : cases) {
      a.push_back(x[i]);
      b.push_back(y[i]);
    }
    return spearman(a, b);
  };
  const Estimate e = bootstrap(3, correlation, bits(9));
  EXPECT_DOUBLE_EQ(e.mean, 0.5);
  EXPECT_DOUBLE_EQ(e.low, -1.0);  // cases 0 and 1 alone
  EXPECT_DOUBLE_EQ(e.high, 1.0);
  EXPECT_TRUE(std::isnan(bootstrap(0, correlation, bits(9)).mean));
  EXPECT_TRUE(std::isnan(bootstrap(1, correlation, bits(9)).low));
}

TEST(Bootstrap, PairingRemovesWhatBothShare) {
  std::vector<double> a, b;
  for (int i = 0; i < 30; ++i) {
    b.push_back(100.0 * i);
    a.push_back(100.0 * i + 3.0 + 0.1 * (i % 2));
  }
  const Estimate d = paired_difference(a, b, bits(6));
  EXPECT_NEAR(d.mean, 3.05, 1e-9);
  EXPECT_GT(d.low, 3.0);
  EXPECT_LT(d.high, 3.1);
}

}  // namespace
}  // namespace reverie::report
