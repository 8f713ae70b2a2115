#include "contract/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

namespace reverie::contract {
namespace {

using Words = std::array<uint32_t, 4>;

// The known answers published with the generator (ten rounds).
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Rng, CounterIsDrawStepStreamEpisode) {
  Rng rng(0x0000000700000005u, 11, Stream::kPolicy, 13);
  for (uint32_t draw = 0; draw < 3; ++draw) {
    const Words block = philox4x32({draw, 13, 3, 11}, {5, 7});
    for (const uint32_t word : block) EXPECT_EQ(rng.next_u32(), word);
  }
}

TEST(Rng, EveryPartOfTheKeyNamesAnotherSequence) {
  std::set<uint64_t> first;
  const uint64_t big = uint64_t{1} << 33;
  int sequences = 0;
  for (const uint64_t seed : {uint64_t{0}, uint64_t{1}, big}) {
    for (const uint64_t episode : {uint64_t{0}, uint64_t{1}, big}) {
      for (const Stream stream : {Stream::kReset, Stream::kNoise, Stream::kPlanner}) {
        for (const uint64_t step : {uint64_t{0}, uint64_t{1}, big}) {
          first.insert(Rng(seed, episode, stream, step).next_u64());
          ++sequences;
        }
      }
    }
  }
  EXPECT_EQ(first.size(), static_cast<size_t>(sequences));
  EXPECT_THROW(Rng(0, 0, Stream::kReset, uint64_t{1} << 40), std::invalid_argument);
  EXPECT_THROW(Rng(0, uint64_t{1} << 48, Stream::kReset), std::invalid_argument);
}

TEST(Rng, UniformMomentsAndBins) {
  Rng rng(3, 0, Stream::kReset);
  constexpr int kDraws = 200000, kBins = 20;
  constexpr double kExpected = 1.0 * kDraws / kBins;
  double sum = 0, square = 0;
  std::vector<int> bins(kBins);
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    square += u * u;
    ++bins[static_cast<int>(u * kBins)];
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(square / kDraws, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kDraws));
  double chi2 = 0;
  for (const int n : bins) chi2 += std::pow(n - kExpected, 2) / kExpected;
  EXPECT_LT(chi2, 43.8);  // 99.9 % quantile, 19 degrees of freedom
}

TEST(Rng, NormalMomentsAndIndependence) {
  Rng rng(4, 0, Stream::kLearner);
  constexpr int kDraws = 200000;
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, lag = 0, previous = 0;
  int inside = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    ASSERT_TRUE(std::isfinite(x));
    m1 += x;
    m2 += x * x;
    m3 += x * x * x;
    m4 += x * x * x * x;
    lag += x * previous;
    previous = x;
    inside += std::abs(x) < 1;
  }
  const double root = std::sqrt(static_cast<double>(kDraws));
  EXPECT_NEAR(m1 / kDraws, 0.0, 5 / root);
  EXPECT_NEAR(m2 / kDraws, 1.0, 5 * std::sqrt(2.0) / root);
  EXPECT_NEAR(m3 / kDraws, 0.0, 5 * std::sqrt(15.0) / root);
  EXPECT_NEAR(m4 / kDraws, 3.0, 5 * std::sqrt(96.0) / root);
  EXPECT_NEAR(lag / kDraws, 0.0, 5 / root);  // the two values of one Box-Muller pair
  EXPECT_NEAR(inside / static_cast<double>(kDraws), 0.682689, 5 * 0.4654 / root);
}

TEST(Rng, UniformRangeStaysBelowHigh) {
  Rng rng(5, 0, Stream::kReset);
  const double low = 1.0, high = std::nextafter(1.0, 2.0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rng.uniform(low, high), low);
  EXPECT_EQ(rng.uniform(2.0, 2.0), 2.0);
}

TEST(Rng, BelowIsUniform) {
  Rng rng(6, 0, Stream::kReplay);
  constexpr int kDraws = 70000;
  std::vector<int> counts(7);
  for (int i = 0; i < kDraws; ++i) ++counts.at(rng.below(7));
  for (const int n : counts) EXPECT_NEAR(n, 10000, 5 * std::sqrt(70000 * 6.0 / 49));
  EXPECT_EQ(rng.below(1), 0);
  EXPECT_THROW(rng.below(0), std::invalid_argument);
  // Without rejection, two thirds of 3 * 2^61 values would fall into the lower half.
  const int64_t n = int64_t{3} << 61;
  int lower = 0;
  for (int i = 0; i < 3000; ++i) lower += rng.below(n) < n / 2;
  EXPECT_NEAR(lower, 1500, 5 * std::sqrt(750.0));
}

}  // namespace
}  // namespace reverie::contract
