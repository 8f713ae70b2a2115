#include "report/plot.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <limits>
#include <optional>

#include "base/files.h"
#include "base/temporary_directory.h"
#include "report/painter.h"
#include "tests/report/picture.h"

namespace reverie::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Plot example() {
  Plot plot;
  plot.title = "Drift & <hope>";
  plot.x_label = "steps";
  plot.y_label = "error";
  Series series;
  series.name = "dream";
  for (int i = 0; i <= 20; ++i) {
    series.x.push_back(i);
    series.y.push_back(0.1 * i);
    series.low.push_back(0.08 * i);
    series.high.push_back(0.13 * i);
  }
  plot.series = {series};
  plot.vertical = {{7.0, "valid", 0}};
  plot.horizontal = {{0.3, "0.3 σ", -1}};
  return plot;
}

Picture drawn(const Plot& plot) {
  Painter painter = Painter::png(plot.width, plot.height, 2.0);
  draw_plot(plot, painter);
  return decode(painter.finish());
}

// The rows of column `x` that are wholly of the role's colour, as [first, last].
std::optional<std::pair<int, int>> rows_of(const Picture& picture, int x, Role role) {
  std::optional<std::pair<int, int>> rows;
  for (int y = 0; y < picture.height; ++y) {
    if (!is(picture.at(x, y), role)) continue;
    if (!rows) rows = {y, y};
    rows->second = y;
  }
  return rows;
}

// The widths of what stands side by side in rows [top, bottom): parts with `gap` empty columns between them.
std::vector<int> parts(const Picture& picture, int top, int bottom, int gap) {
  std::vector<int> widths;
  int start = -1, last = -1;
  for (int x = 0; x <= picture.width; ++x) {
    bool empty = true;
    for (int y = top; y < bottom && x < picture.width; ++y) empty &= picture.grey(x, y) > 250;
    if (!empty) {
      if (start < 0) start = x;
      last = x;
    } else if (start >= 0 && (x - last > gap || x == picture.width)) {
      widths.push_back(last - start + 1);
      start = -1;
    }
  }
  return widths;
}

bool margin_is_empty(const Picture& picture) {
  for (int y = 0; y < picture.height; ++y)
    for (const int x :
         {0, 1, 2, 3, picture.width - 4, picture.width - 3, picture.width - 2, picture.width - 1})
      if (picture.grey(x, y) != 255) return false;
  return true;
}

TEST(Plot, DrawsAnyDataWithoutTrouble) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  Plot empty;
  Plot constant;
  constant.series = {Series{.name = "c", .x = {1, 2}, .y = {5, 5}, .low = {}, .high = {}}};
  Plot broken;
  broken.log_y = true;
  broken.series = {Series{.name = "b",
                          .x = {1, 2, 3, 4},
                          .y = {nan, 0.0, inf, 2.0},
                          .low = {nan, 0, 1, 1},
                          .high = {nan, 1, inf, 3}}};
  Plot single;
  single.series = {Series{.name = "one", .x = {3}, .y = {0.0}, .low = {}, .high = {}}};
  for (const Plot& plot : {empty, constant, broken, single}) {
    const std::string svg = to_svg(plot);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(Plot, LinesGoWhereTheDataSaysInTheirColours) {
  Plot plot;
  plot.x_range = Range{0.0, 1.0};
  plot.y_range = Range{0.0, 1.0};
  for (const double height : {0.25, 0.5, 0.75}) {
    Series series;
    series.x = {0.0, 1.0};
    series.y = {height, height};
    series.colour = static_cast<int>(plot.series.size());
    series.width = 3.0;
    plot.series.push_back(series);
  }
  const Picture picture = drawn(plot);
  for (const int x : {picture.width / 4, picture.width / 2, picture.width * 3 / 4}) {
    const auto low = rows_of(picture, x, Role::kSeries0), middle = rows_of(picture, x, Role::kSeries1),
               high = rows_of(picture, x, Role::kSeries2);
    ASSERT_TRUE(low && middle && high);
    EXPECT_NEAR(middle->first, (low->first + high->first) / 2.0, 1.0);
    EXPECT_GT(low->first - high->first, picture.height / 4);
    for (const auto& rows : {low, middle, high}) EXPECT_NEAR(rows->second - rows->first + 1, 6, 1);
  }
  EXPECT_EQ(count(picture, Role::kSeries3), 0);
}

TEST(Plot, BandsAndGapsAreWhereTheDataSays) {
  Plot plot = example();
  plot.vertical.clear();
  plot.horizontal.clear();
  const int column = 2 * plot.width * 3 / 4;
  const auto shaded = [&](const Picture& picture) {
    int n = 0;
    for (int y = 0; y < picture.height; ++y) {
      const Rgb pixel = picture.at(column, y);
      n += pixel.b > pixel.r + 10 && pixel.r > 180;  // pale blue
    }
    return n;
  };
  EXPECT_GT(shaded(drawn(plot)), 20);
  plot.series[0].low.clear();
  plot.series[0].high.clear();
  EXPECT_LT(shaded(drawn(plot)), 5);
  EXPECT_TRUE(rows_of(drawn(plot), column, Role::kSeries0));
  for (size_t i = 10; i < 20; ++i) plot.series[0].y[i] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(rows_of(drawn(plot), column, Role::kSeries0));
}

TEST(Plot, LabelsStayInsideAndApart) {
  for (const int width : {240, 460, 860})
    for (const Range range :
         {Range{0, 1}, Range{0, 200}, Range{0, 54321}, Range{0, 100e3}, Range{12340, 12350}}) {
      Plot plot;
      plot.title = "runs/a-directory-with-a-long-name/and-another-one-inside (seed 3, 1234 s)";
      plot.width = width;
      plot.series = {Series{.name = "a run with a name that is longer than most pictures are wide, isn't it?",
                            .x = {range.low, range.high},
                            .y = {0.0, 0.001},
                            .low = {},
                            .high = {}}};
      const Picture picture = drawn(plot);
      EXPECT_TRUE(margin_is_empty(picture)) << width << " " << range.high;
      const std::vector<int> labels = parts(picture, picture.height - 76, picture.height - 50, 14);
      EXPECT_GE(labels.size(), 2u) << width << " " << range.high;
      for (const int label : labels) EXPECT_LT(label, 110) << width << " " << range.high;
    }
}

TEST(Plot, SvgHoldsItsTextAndNoAddress) {
  Plot plot;
  plot.y_range = Range{0.0, 1.0};
  const int bare = occurrences(to_svg(plot), "<use ");
  plot.title = "Drift & <hope>";
  plot.y_label = "error";
  EXPECT_EQ(occurrences(to_svg(plot), "<use "), bare + 14 + 5);
  const std::string svg = to_svg(example());
  EXPECT_THAT(svg, Not(HasSubstr("hope")));  // text is outlines
  EXPECT_EQ(occurrences(svg, "<svg"), occurrences(svg, "</svg>"));
  EXPECT_TRUE(to_svg(example()) == svg);
}

TEST(Plot, DescribesItselfInWords) {
  EXPECT_EQ(describe(example()), "Drift & <hope>: error over steps; dream");
  EXPECT_EQ(describe(Plot{}), "");
}

TEST(Plot, WritesPngOfTheSizeAskedFor) {
  const base::TemporaryDirectory folder;
  Plot plot = example();
  plot.width = 300;
  plot.height = 200;
  write_plot_png(folder.path() / "plot.png", plot, 2.0);
  const Picture picture = decode(base::read_file(folder.path() / "plot.png"));
  EXPECT_EQ(picture.width, 600);
  EXPECT_EQ(picture.height, 400);
  EXPECT_TRUE(is(picture.at(0, 0), Role::kBackground));
  EXPECT_GT(count(picture, Role::kText), 50);  // the title's letters
}

}  // namespace
}  // namespace reverie::report
