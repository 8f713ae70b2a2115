#include "report/stage_progress.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace reverie::report {
namespace {

TEST(StageText, TellsStageSharesTimeAndWhatIsLeft) {
  EXPECT_EQ(stage_text("ranking", 0.605, 0.25, 30.0), "25%  ranking, 60% of it  0:30  ETA 1:30");
  EXPECT_EQ(stage_text("ranking", 0.0, 0.0, 0.0), "0%  ranking  0:00");
  EXPECT_EQ(stage_text("ranking", 1.0, 1.0, 61.0), "100%  ranking, 100% of it  1:01");
}

// A clock that a test sets.
class StageProgressTest : public testing::Test {
 protected:
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream stream(out_.str());
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
  }

  double now_ = 100.0;
  std::ostringstream out_;
  StageProgress plain_{false, &out_, [this] { return now_; }};
};

TEST_F(StageProgressTest, AStageThatLastsIsToldWhenItBeginsAndThenNowAndThen) {
  plain_.update("episodes", 0.0, 0.0);
  for (int i = 1; i <= 100; ++i) {
    now_ += 0.12;
    plain_.update("episodes", i / 100.0, i / 200.0);
  }
  ASSERT_EQ(lines().size(), 3u);
  EXPECT_EQ(lines()[0], "0%  episodes  0:00");
  EXPECT_EQ(lines()[1], "21%  episodes, 42% of it  0:05  ETA 0:19");
}

TEST_F(StageProgressTest, ShortStagesDoNotFloodALog) {
  for (int i = 0; i < 50; ++i) {
    plain_.update("stage " + std::to_string(i), 0.0, i / 50.0);
    now_ += 0.1;
  }
  EXPECT_EQ(lines().size(), 5u);
}

TEST_F(StageProgressTest, ATickTellsOfWorkThatTellsNothing) {
  plain_.tick();
  EXPECT_TRUE(lines().empty());  // nothing has begun
  plain_.update("exploitability", 0.0, 0.5);
  for (int i = 0; i < 20; ++i) {
    now_ += 1.0;
    plain_.tick();
  }
  ASSERT_EQ(lines().size(), 5u);
  EXPECT_EQ(lines().back(), "50%  exploitability  0:20  ETA 0:20");
  plain_.finish();
  now_ += 100.0;
  plain_.tick();
  EXPECT_EQ(lines().size(), 5u);
}

TEST_F(StageProgressTest, ATerminalsLineIsRedrawnAndClearedAtTheEnd) {
  std::ostringstream out;
  StageProgress line(true, &out, [this] { return now_; });
  line.update("returns", 0.0, 0.0);
  line.update("returns", 0.1, 0.1);  // too soon
  now_ += 1.0;
  line.update("returns", 0.5, 0.5);
  line.finish();
  line.finish();
  const std::string text = out.str();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(text.find("10% of it"), std::string::npos);
  EXPECT_NE(text.find("50%  returns, 50% of it  0:01  ETA 0:01"), std::string::npos);
}

TEST_F(StageProgressTest, ATerminalsLineMakesRoomForOtherText) {
  std::ostringstream out;
  StageProgress line(true, &out, [this] { return now_; });
  line.hide();  // nothing is shown yet
  EXPECT_EQ(out.str(), "");
  line.update("script", 0.0, 0.0);
  line.hide();
  out << "printed";
  EXPECT_TRUE(out.str().ends_with("\x1b[?7hprinted"));
  plain_.update("script", 0.0, 0.0);
  plain_.hide();
  EXPECT_EQ(out_.str(), "0%  script  0:00\n");
}

TEST_F(StageProgressTest, TickingByItselfEndsWithIt) {
  plain_.tick_by_itself();
  plain_.update("returns", 0.0, 0.0);
  plain_.finish();
  EXPECT_EQ(lines().size(), 1u);
}

}  // namespace
}  // namespace reverie::report
