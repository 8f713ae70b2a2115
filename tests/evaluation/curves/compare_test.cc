#include "evaluation/curves/compare.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/files.h"
#include "evaluation/curves/published.h"

namespace reverie::evaluation {
namespace {

using testing::HasSubstr;
using testing::Not;

RunCurve run(const std::string& name, const std::string& task) {
  return {
      .name = name, .task = task, .steps = {0, 10e3, 50e3}, .wall = {1, 60, 300}, .returns = {20, 220, 820}};
}

TEST(Published, HasTheSuiteAndNothingElse) {
  const std::vector<PublishedCurve> curves = published_curves("dmc/cartpole-swingup");
  ASSERT_EQ(curves.size(), 3u);
  EXPECT_EQ(curves[2].algorithm, "TD-MPC2");
  EXPECT_EQ(value_at(curves[2].steps, curves[2].returns, 100e3), 839.0);
  EXPECT_EQ(value_at(curves[0].steps, curves[0].returns, 4e6), 830.0);  // DreamerV3
  for (const PublishedCurve& curve : curves) EXPECT_EQ(curve.steps.size(), curve.returns.size());
  EXPECT_TRUE(published_curves("cartpole-swingup").empty());
  EXPECT_TRUE(published_curves("dmc/cartpole").empty());  // a prefix is not the task
  EXPECT_TRUE(published_curves("mine/thing").empty());
}

TEST(Published, IsTheTableOfTheSourceTree) {
  const std::string csv = base::read_file(REVERIE_SOURCE_DIR "/evaluation/curves/published.csv");
  int curves = 0;
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "task,algorithm,100000,200000,500000,1000000,2000000,4000000");
  while (std::getline(lines, line)) {
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), 7) << line;
    const size_t comma = line.find(',');
    const std::string task = line.substr(0, comma);
    const std::string algorithm = line.substr(comma + 1, line.find(',', comma + 1) - comma - 1);
    const auto found = published_curves(task);
    EXPECT_EQ(std::ranges::count(found, algorithm, &PublishedCurve::algorithm), 1) << line;
    ++curves;
  }
  EXPECT_EQ(curves, 117);
}

TEST(Published, EmptyCellsAreLeftOut) {
  const std::vector<PublishedCurve> curves =
      parse_published("task,algorithm,100,200,500\nt,A,1,,3\nother,A,1,2,3\nt,B,,,\n", "t");
  ASSERT_EQ(curves.size(), 2u);
  EXPECT_THAT(curves[0].steps, testing::ElementsAre(100, 500));
  EXPECT_THAT(curves[0].returns, testing::ElementsAre(1, 3));
  EXPECT_EQ(curves[1].algorithm, "B");
  EXPECT_TRUE(curves[1].steps.empty());
}

TEST(Compare, ValuesBetweenPoints) {
  const RunCurve r = run("a", "t");
  EXPECT_DOUBLE_EQ(value_at(r.steps, r.returns, 0), 20.0);
  EXPECT_DOUBLE_EQ(value_at(r.steps, r.returns, 20e3), 370.0);
  EXPECT_DOUBLE_EQ(value_at(r.steps, r.returns, 50e3), 820.0);
  EXPECT_TRUE(std::isnan(value_at(r.steps, r.returns, 50001)));
  EXPECT_TRUE(std::isnan(value_at({}, {}, 1)));
}

TEST(Compare, OneTableAndPlotATask) {
  const std::vector<RunCurve> runs{run("first", "dmc/cartpole-swingup"), run("other", "mine/thing"),
                                   run("second", "dmc/cartpole-swingup")};
  const std::vector<report::Plot> plots = comparison_plots(runs);
  ASSERT_EQ(plots.size(), 2u);
  EXPECT_EQ(plots[0].series.size(), 5u);  // two runs, three published
  EXPECT_EQ(plots[1].series.size(), 1u);
  const std::string text = comparison_text(runs);
  EXPECT_THAT(text, HasSubstr("first                 370  820     –     –     –  820 at 50k\n"));
  EXPECT_THAT(text, HasSubstr("TD-MPC2, published      –    –   839   872   876   877 at 4M\n"));
  EXPECT_THAT(text.substr(text.find("mine/thing")), Not(HasSubstr("published")));
  EXPECT_THAT(comparison_html(runs), HasSubstr("820 at 50k"));
}

TEST(Compare, ByWallClockPublishedReturnsAreLinesAcross) {
  const std::vector<RunCurve> runs{run("first", "dmc/cartpole-swingup"), run("other", "mine/thing")};
  const std::vector<report::Plot> plots = wall_clock_plots(runs);
  ASSERT_EQ(plots.size(), 2u);
  ASSERT_EQ(plots[0].series.size(), 4u);  // a run, three published
  EXPECT_THAT(plots[0].series[0].x, testing::ElementsAre(1, 60, 300));
  EXPECT_THAT(plots[0].series[3].x, testing::ElementsAre(0, 300));
  EXPECT_THAT(plots[0].series[3].y, testing::ElementsAre(839, 839));
  EXPECT_EQ(plots[1].series.size(), 1u);
}

TEST(Compare, HowLongTheDreamHoldsStandsBesideReturns) {
  std::vector<RunCurve> runs{run("first", "dmc/cartpole-swingup"), run("watched", "dmc/cartpole-swingup"),
                             run("other", "mine/thing")};
  runs[1].valid_steps = {0.0, std::nan(""), 54.0};
  const std::string text = comparison_text(runs);
  EXPECT_THAT(text, HasSubstr("dream holds\n"));
  EXPECT_THAT(text, HasSubstr("820 at 50k            –\n"));
  EXPECT_THAT(text, HasSubstr("820 at 50k           54\n"));
  EXPECT_THAT(text, HasSubstr("877 at 4M            –\n"));
  EXPECT_THAT(text.substr(text.find("mine/thing")), Not(HasSubstr("dream")));
  const std::vector<report::Plot> plots = dream_plots(runs);
  ASSERT_EQ(plots.size(), 1u);
  ASSERT_EQ(plots[0].series.size(), 1u);
  EXPECT_THAT(plots[0].series[0].x, testing::ElementsAre(0, 50e3));
  EXPECT_THAT(plots[0].series[0].y, testing::ElementsAre(0, 54));
  EXPECT_EQ(plots[0].series[0].colour, comparison_plots(runs)[0].series[1].colour);
  EXPECT_THAT(comparison_html(runs), HasSubstr("how long the dream holds"));
  runs[1].fixed_data = true;
  EXPECT_TRUE(dream_plots(runs).empty());
}

TEST(Compare, UpdatesOnADatasetAreNoEnvironmentSteps) {
  std::vector<RunCurve> runs{run("collected", "mine/thing"), run("offline", "mine/thing")};
  runs[1].fixed_data = true;
  EXPECT_EQ(comparison_plots(runs)[0].series.size(), 1u);
  const std::vector<report::Plot> by_time = wall_clock_plots(runs);
  ASSERT_EQ(by_time[0].series.size(), 2u);
  EXPECT_EQ(by_time[0].series[0].colour, comparison_plots(runs)[0].series[0].colour);
  const std::string text = comparison_text(runs);
  EXPECT_THAT(text, HasSubstr("offline       –    –     –     –     –  820 at 50k updates\n"));
}

}  // namespace
}  // namespace reverie::evaluation
