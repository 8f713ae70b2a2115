#include "report/ticks.h"

#include <gmock/gmock.h>

namespace reverie::report {
namespace {

using testing::ElementsAre;

TEST(Ticks, AreRoundAndInside) {
  EXPECT_THAT(nice_ticks(0.0, 1.0, 5), ElementsAre(0.0, 0.2, 0.4, testing::DoubleEq(0.2 * 3), 0.8, 1.0));
  EXPECT_THAT(nice_ticks(-3.0, 12.0, 4), ElementsAre(0.0, 5.0, 10.0));
  EXPECT_THAT(nice_ticks(0.0, 50000.0, 5), ElementsAre(0.0, 10000.0, 20000.0, 30000.0, 40000.0, 50000.0));
  EXPECT_TRUE(nice_ticks(1.0, 1.0, 5).empty());
  EXPECT_THAT(log_ticks(0.015, 3.0),
              ElementsAre(testing::DoubleEq(0.02), testing::DoubleEq(0.05), testing::DoubleEq(0.1),
                          testing::DoubleEq(0.2), testing::DoubleEq(0.5), testing::DoubleEq(1.0),
                          testing::DoubleEq(2.0)));
  EXPECT_EQ(log_ticks(1e-6, 1.0).size(), 7u);
  EXPECT_TRUE(log_ticks(0.0, 1.0).empty());
}

TEST(Ticks, TextIsAsShortAsTheSpacingAllows) {
  EXPECT_EQ(tick_text(0.4, 0.2), "0.4");
  EXPECT_EQ(tick_text(0.25, 0.05), "0.25");
  EXPECT_EQ(tick_text(800.0, 200.0), "800");
  EXPECT_EQ(tick_text(20000.0, 10000.0), "20k");
  EXPECT_EQ(tick_text(1500000.0, 500000.0), "1.5M");
  EXPECT_EQ(tick_text(0.0, 10000.0), "0");
  EXPECT_EQ(tick_text(-0.2, 0.1), "-0.2");
  EXPECT_EQ(tick_text(1e-6, 1e-6), "1e-6");
  EXPECT_EQ(tick_text(2e-5, 1e-5), "2e-5");
  EXPECT_EQ(tick_text(0.3 - 0.1 * 3, 0.1), "0");
}

}  // namespace
}  // namespace reverie::report
