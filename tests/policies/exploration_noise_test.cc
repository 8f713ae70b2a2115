#include "policies/exploration_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace reverie::policies {
namespace {

// [episodes][decisions] of one action dimension.
std::vector<std::vector<float>> sequences(int64_t octaves, uint64_t episodes, uint64_t decisions) {
  std::vector<std::vector<float>> out(episodes, std::vector<float>(decisions));
  for (uint64_t e = 0; e < episodes; ++e) {
    for (uint64_t t = 0; t < decisions; ++t)
      exploration_noise({3, e, t}, octaves, std::span(out[e]).subspan(t, 1));
  }
  return out;
}

// Mean product of entries `lag` apart.
double correlation(const std::vector<std::vector<float>>& x, size_t lag) {
  double sum = 0.0;
  int64_t count = 0;
  for (const auto& row : x) {
    for (size_t t = 0; t + lag < row.size(); ++t, ++count) sum += double{row[t]} * row[t + lag];
  }
  return sum / static_cast<double>(count);
}

TEST(ExplorationNoise, HasUnitVarianceAtEveryNumberOfOctaves) {
  EXPECT_NEAR(correlation(sequences(1, 400, 64), 0), 1.0, 0.03);
  EXPECT_NEAR(correlation(sequences(4, 400, 64), 0), 1.0, 0.05);
}

TEST(ExplorationNoise, OneOctaveIsWhite) {
  const auto x = sequences(1, 400, 64);
  for (const size_t lag : {1, 2, 7}) EXPECT_NEAR(correlation(x, lag), 0.0, 0.03) << lag;
}

// Two octaves: the second moves between knots two decisions apart at a random phase. Neighbours are a knot
// and the half-way point behind or before it: their product's mean is 1 / sqrt(2); two apart it is that of
// knots (0) or of half-way points that share a knot (1/2).
TEST(ExplorationNoise, CorrelatesAsTheKnotsSay) {
  const auto x = sequences(2, 3000, 32);
  EXPECT_NEAR(correlation(x, 1), 0.5 * std::sqrt(0.5), 0.02);
  EXPECT_NEAR(correlation(x, 2), 0.5 * 0.25, 0.02);
  EXPECT_NEAR(correlation(x, 4), 0.0, 0.02);
}

TEST(ExplorationNoise, ADecisionIsComputedByItself) {
  std::vector<float> alone(3), after(3), other(3);
  exploration_noise({1, 2, 77}, 8, alone);
  exploration_noise({1, 2, 76}, 8, after);
  exploration_noise({1, 2, 77}, 8, after);
  exploration_noise({1, 3, 77}, 8, other);
  EXPECT_EQ(alone, after);
  EXPECT_NE(alone, other);
  EXPECT_NE(alone[0], alone[1]);
}

}  // namespace
}  // namespace reverie::policies
