#include "evaluation/text.h"

#include <gmock/gmock.h>

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, NumbersHaveThreeDigitsAndTablesAreAligned) {
  EXPECT_EQ(number_text(843.2), "843");
  EXPECT_EQ(number_text(12.34), "12.3");
  EXPECT_EQ(number_text(0.1234), "0.123");
  EXPECT_EQ(number_text(0.0), "0");
  EXPECT_EQ(number_text(kNone), "–");
  EXPECT_EQ(interval_text(kNone, kNone), "–");
  EXPECT_EQ(interval_text(1.0, 2.5), "1.00 to 2.50");
  EXPECT_EQ(aligned({{"name", "n"}, {"a", "100"}, {"–", "7"}}), "name    n\na     100\n–       7\n");
}

TEST(Text, CurvesAreShownAtRoundHorizons) {
  Findings findings;
  for (int64_t h = 0; h <= 60; h += 4) findings.rows.push_back({"e", h, kNone, double(h), kNone, 5, "sd"});
  const TextTable table = curve_table(findings, 0.5);
  std::vector<std::string> shown;
  for (const auto& line : table) shown.push_back(line.front());
  EXPECT_THAT(shown, ElementsAre("control steps", "0", "4", "8", "24", "48", "60"));
  EXPECT_THAT(table[3], ElementsAre("8", "4", "5", "8.00"));
  EXPECT_THAT(curve_table({}, 0.5), IsEmpty());
}

}  // namespace
}  // namespace reverie::evaluation
