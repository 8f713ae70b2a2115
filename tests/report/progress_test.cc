#include "report/progress.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

namespace reverie::report {
namespace {

using testing::HasSubstr;

TEST(Progress, Text) {
  EXPECT_EQ(progress_text(12500, 50000, 50.0, {{"return", 812.34}, {"loss", 0.01234}}),
            "12500/50000  25%  50/s  ETA 12:30  return 812.3  loss 0.0123");
  EXPECT_EQ(progress_text(50000, 50000, 58.0, {}), "50000/50000  100%  58/s");
  EXPECT_EQ(progress_text(0, 100, 0.0, {}), "0/100  0%");
  EXPECT_EQ(duration_text(42.4), "0:42");
  EXPECT_EQ(duration_text(10931.0), "3:02:11");
}

TEST(Progress, PlainLinesNowAndThen) {
  std::ostringstream out;
  double now = 0.0;
  {
    Progress progress(1000, false, &out, [&] { return now; });
    for (int step = 0; step <= 1000; step += 5) {
      progress.update(step, {{"v", step}});
      now += 0.1;
    }
  }
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 21);  // 0%, 5%, ..., 100%
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("1000/1000  100%  50/s  v 1000.0\n"));
}

TEST(Progress, RateOfAResumedJobCountsFromWhereItStarted) {
  std::ostringstream out;
  double now = 100.0;
  Progress progress(1000, false, &out, [&] { return now; });
  progress.update(500, {});
  now += 10.0;
  progress.update(600, {});
  EXPECT_THAT(out.str(), HasSubstr("600/1000  60%  10/s  ETA 0:40"));
}

TEST(Progress, TerminalRedrawsOneLine) {
  std::ostringstream out;
  double now = 0.0;
  Progress progress(10, true, &out, [&] { return now; });
  for (int step = 0; step <= 10; ++step) {
    progress.update(step, {});
    now += 1.0;
  }
  progress.finish();
  progress.finish();
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 11);  // one an update
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);   // at the end
}

TEST(Progress, LastUpdateIsAlwaysShown) {
  std::ostringstream out;
  double now = 0.0;
  Progress progress(1000, false, &out, [&] { return now; });
  progress.update(0, {});
  progress.update(3, {});
  progress.finish();  // interrupted
  EXPECT_THAT(out.str(), HasSubstr("3/1000"));
}

}  // namespace
}  // namespace reverie::report
