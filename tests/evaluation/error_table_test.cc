#include "evaluation/error_table.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

using testing::Each;
using testing::ElementsAre;

// The first of a few words again and again: every resample is the first start.
uint64_t zero_bits() { return 0; }

ErrorTable table_of(int64_t starts, const std::vector<double>& values) {
  ErrorTable table;
  table.starts = starts;
  table.values = values;
  for (size_t k = 0; k < values.size() / static_cast<size_t>(starts); ++k)
    table.horizon.push_back(static_cast<int64_t>(2 * k));
  return table;
}

TEST(ErrorTable, HoldsWhatTheRecordReaches) {
  const std::vector<contract::Episode> episodes{tests::drift_episode(4, [](int64_t) { return 0.5f; }),
                                                tests::drift_episode(2, [](int64_t) { return 0.25f; })};
  tests::DriftWorld frozen;
  frozen.gain = 0.0f;
  PairedRollouts rollouts = pair_rollouts(frozen, nullptr, episodes, {.horizon = 4, .start_every = 100});
  ASSERT_EQ(rollouts.starts.size(), 2u);
  const std::vector<double> unit{1.0, 0.0};
  const ErrorTable errors = observation_errors(rollouts, rollouts.world, unit);
  EXPECT_THAT(errors.horizon, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(errors.at(2, 0), 1.0);
  EXPECT_EQ(errors.at(2, 1), 0.5);
  EXPECT_TRUE(std::isnan(errors.at(3, 1)));
  EXPECT_EQ(reach(errors, 2), 2);
  EXPECT_EQ(reach(errors, 3), 1);
  EXPECT_THAT(quartiles(errors).median, ElementsAre(0.0, 0.375, 0.75, 1.5, 2.0));
  // A frozen world is persistence.
  EXPECT_EQ(quartiles(persistence_errors(rollouts, unit)).median, quartiles(errors).median);
  EXPECT_THAT(error_table(rollouts, [](int64_t, int64_t) { return std::nan(""); }).at(0, 0),
              std::numeric_limits<double>::infinity());
}

TEST(ErrorTable, MediansAreOfTheChosenStarts) {
  const double inf = std::numeric_limits<double>::infinity(), none = std::nan("");
  const ErrorTable table = table_of(4, {1.0, 2.0, 3.0, 6.0, inf, 1.0, inf, none});
  const std::vector<size_t> all{0, 1, 2, 3}, twice{3, 3, 0}, last{3};
  EXPECT_THAT(medians(table, all), ElementsAre(2.5, inf));
  EXPECT_THAT(medians(table, twice), ElementsAre(6.0, inf));
  EXPECT_TRUE(std::isnan(medians(table, last)[1]));
}

TEST(ErrorTable, TimesAreThoseOfValidHorizon) {
  const ErrorTable errors = table_of(2, {0.0, 0.0, 0.1, 0.1, 0.2, 0.3, 0.25, 0.4, 0.1, 0.1}),
                   persistence = table_of(2, {0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0});
  // Medians 0.1, 0.25, 0.325: beyond the threshold after 6 control steps. The first start holds to the end.
  const report::Estimate time = valid_time(errors, persistence, 0.3, zero_bits);
  EXPECT_EQ(time.mean, 4.0);
  EXPECT_EQ(time.low, 8.0);
  EXPECT_EQ(time.n, 2);
  const ErrorTable floor = table_of(2, {0.0, 0.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1});
  EXPECT_EQ(valid_time_share(errors, floor, persistence, 0.3, zero_bits).mean, 0.5);
  EXPECT_TRUE(std::isnan(valid_time_share(errors, persistence, persistence, 0.3, zero_bits).mean));
}

TEST(ErrorTable, GrowthIsTheSlopeOfTheLogarithm) {
  std::vector<double> values;
  for (int k = 0; k < 20; ++k)
    for (const double scale : {1.0, 2.0, 4.0}) values.push_back(1e-3 * scale * std::exp(0.25 * k));
  // Horizons are 2 control steps apart. From k = 25 on the median 0.002 exp(k / 4) would exceed 1.
  const report::Estimate rate = growth_rate(table_of(3, values), zero_bits);
  EXPECT_NEAR(rate.mean, 0.125, 1e-12);
  EXPECT_NEAR(rate.low, 0.125, 1e-12);
  for (size_t i = 30; i < values.size(); ++i) values[i] = 5.0;  // it levels off beyond 1: not fitted to
  EXPECT_NEAR(growth_rate(table_of(3, values), zero_bits).mean, 0.125, 1e-12);
  EXPECT_TRUE(std::isnan(growth_rate(table_of(1, {0.0, 0.0, 0.0, 0.0, 0.0}), zero_bits).mean));
}

}  // namespace
}  // namespace reverie::evaluation
