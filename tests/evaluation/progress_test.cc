#include "evaluation/progress.h"

#include <gtest/gtest.h>

#include <vector>

namespace reverie::evaluation {
namespace {

TEST(Progress, PartsAddUpByTheirWeightsAndStretchesNest) {
  std::vector<ProgressNow> told;
  const Progress progress([&](const ProgressNow& now) { told.push_back(now); }, 8.0);
  progress.begin("episodes", 2.0);
  progress.at(1, 2);
  progress.begin("ranking", 6.0);
  const Progress second = progress.between(0.5, 1.0);
  second.between(0.0, 0.5).at(1, 1);
  second.at(3, 3);
  progress.at(1, 0);  // nothing is known
  ASSERT_EQ(told.size(), 5u);
  EXPECT_EQ(told[1].part, "episodes");
  EXPECT_EQ(told[1].of_part, 0.5);
  EXPECT_EQ(told[1].of_all, 1.0 / 8.0);
  EXPECT_EQ(told[2].part, "ranking");
  EXPECT_EQ(told[2].of_part, 0.0);
  EXPECT_EQ(told[2].of_all, 2.0 / 8.0);
  EXPECT_EQ(told[3].of_part, 0.75);
  EXPECT_EQ(told[3].of_all, 6.5 / 8.0);
  EXPECT_EQ(told[4].of_all, 1.0);
}

TEST(Progress, OneThatTellsNobodyMayBeUsedAllTheSame) {
  const Progress progress;
  progress.begin("ranking", 1.0);
  progress.between(0.0, 0.5).at(1, 2);
}

}  // namespace
}  // namespace reverie::evaluation
