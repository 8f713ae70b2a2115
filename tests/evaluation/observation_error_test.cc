#include "evaluation/observation_error.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using tests::drift_episode;

using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

double error(std::vector<float> a, std::vector<float> b, std::vector<double> spread) {
  return observation_error(a, b, spread);
}

TEST(ObservationError, IsTheRootMeanSquareInUnitsOfTheSpread) {
  EXPECT_DOUBLE_EQ(error({1.0f, 6.0f}, {0.0f, 2.0f}, {1.0, 1.0}), std::sqrt((1.0 + 16.0) / 2.0));
  EXPECT_DOUBLE_EQ(error({3.0f, 4.0f}, {0.0f, 0.0f}, {3.0, 2.0}), std::sqrt((1.0 + 4.0) / 2.0));
  EXPECT_EQ(error({0.5f, -2.0f}, {0.5f, -2.0f}, {1.0, 1.0}), 0.0);
  EXPECT_EQ(error({1.0f, 5.0f}, {2.0f, 9.0f}, {0.5, 4.0}), error({2.0f, 9.0f}, {1.0f, 5.0f}, {0.5, 4.0}));
}

TEST(ObservationError, OfOneDimensionIsTheDistanceOverTheSpread) {
  EXPECT_DOUBLE_EQ(error({1.0f}, {3.0f}, {0.5}), 4.0);
}

TEST(ObservationError, LeavesOutWhatDoesNotVary) {
  EXPECT_DOUBLE_EQ(error({1.0f, 70.0f}, {3.0f, 7.0f}, {0.5, 0.0}), 4.0);
  EXPECT_DOUBLE_EQ(error({1.0f, 70.0f}, {3.0f, 7.0f}, {0.5, 0.99 * kSmallestSpread}), 4.0);
  EXPECT_DOUBLE_EQ(error({1.0f, 70.0f}, {3.0f, 7.0f}, {0.5, std::nan("")}), 4.0);
  EXPECT_GT(error({1.0f, 70.0f}, {3.0f, 7.0f}, {0.5, kSmallestSpread}), 1e6);
}

TEST(ObservationError, OfAnObservationThatIsNotFiniteIsInfinite) {
  const auto infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(error({kNan, 0.0f}, {0.0f, 0.0f}, {1.0, 1.0}), kInfinity);
  EXPECT_EQ(error({0.0f, 0.0f}, {0.0f, kNan}, {1.0, 1.0}), kInfinity);
  EXPECT_EQ(error({infinity, 0.0f}, {0.0f, 0.0f}, {1.0, 1.0}), kInfinity);
  EXPECT_EQ(error({infinity, 0.0f}, {infinity, 0.0f}, {1.0, 1.0}), kInfinity);
  EXPECT_EQ(error({0.0f, kNan}, {0.0f, 0.0f}, {1.0, 0.0}), 0.0);  // a dimension that is left out
}

TEST(ObservationError, IsRefusedWhereNothingVaries) {
  try {
    error({1.0f, 2.0f}, {1.0f, 2.0f}, {0.0, 0.0});
    FAIL() << "no error";
  } catch (const std::invalid_argument& e) {
    EXPECT_THAT(e.what(), HasSubstr("none of 2 observation dimensions varies"));
  }
  EXPECT_THROW(error({}, {}, {}), std::invalid_argument);
}

TEST(ObservationError, SizesMustAgree) {
  EXPECT_THROW(error({1.0f}, {1.0f, 2.0f}, {1.0, 1.0}), std::invalid_argument);
  EXPECT_THROW(error({1.0f, 2.0f}, {1.0f, 2.0f}, {1.0}), std::invalid_argument);
}

TEST(ObservationSpread, IsTheSampleDeviationOverAllRowsOfAllEpisodes) {
  const std::vector<contract::Episode> episodes{drift_episode(2, [](int64_t) { return 1.0f; }),
                                                drift_episode(
                                                    2, [](int64_t) { return 1.0f; }, 3.0f)};
  const std::vector<double> spread = observation_spread(episodes);  // rows 0..5: sample variance 3.5
  ASSERT_EQ(spread.size(), 2u);
  EXPECT_DOUBLE_EQ(spread[0], std::sqrt(3.5));
  EXPECT_EQ(spread[1], 0.0);
  EXPECT_EQ(varying_dimensions(spread), 1);
  EXPECT_TRUE(observation_spread({}).empty());
  EXPECT_EQ(varying_dimensions({}), 0);
}

}  // namespace
}  // namespace reverie::evaluation
