#include "training/heartbeat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <vector>

#include "base/temporary_directory.h"
#include "tests/training/support.h"

namespace reverie::training {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// Warnings as they come from the thread.
class Warnings {
 public:
  std::function<void(const std::string&)> hook() {
    return [this](const std::string& line) {
      const std::scoped_lock lock(mutex_);
      lines_.push_back(line);
    };
  }
  std::vector<std::string> lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// Until it holds, for at most a minute.
template <typename F>
bool comes(F holds) {
  for (int i = 0; i < 6000 && !holds(); ++i) std::this_thread::sleep_for(10ms);
  return holds();
}

TEST(Heartbeat, ATrainingThatWaitsIsToldOnceWithWhatItWaitsFor) {
  const base::TemporaryDirectory run;
  Warnings warnings;
  Heartbeat beat(run.path(), 100, warnings.hook(), 0.01, 0.1);
  beat.reach(1, 0);
  beat.enter("evaluate");
  ASSERT_TRUE(comes([&] { return !warnings.lines().empty(); }));
  EXPECT_THAT(warnings.lines()[0], HasSubstr("no step for"));
  EXPECT_THAT(warnings.lines()[0], HasSubstr("it waits for 'evaluate'"));
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(warnings.lines().size(), 1U);  // once a stall
  beat.reach(2, 0);
  beat.enter("write");
  ASSERT_TRUE(comes([&] { return warnings.lines().size() > 1; }));  // another stall
  EXPECT_THAT(warnings.lines()[1], HasSubstr("it waits for 'write'"));
}

TEST(Heartbeat, TheFileSaysWhatIsDoneAndHowFarItIs) {
  const base::TemporaryDirectory run;
  {
    Heartbeat beat(run.path(), 100, {}, 0.01);
    beat.reach(10, 1);
    beat.enter("update");
    beat.reach(40, 3);
    const auto file = run.path() / "heartbeat.json";
    ASSERT_TRUE(
        comes([&] { return std::filesystem::exists(file) && read_heartbeat(run.path()).step == 40; }));
    const Beat seen = read_heartbeat(run.path());
    EXPECT_EQ(seen.phase, "update");
    EXPECT_EQ(seen.total, 100);
    EXPECT_EQ(seen.updates, 3);
    EXPECT_GT(seen.steps_per_second, 0.0);
    EXPECT_GT(seen.memory_mb, 1.0);
    EXPECT_GE(seen.age_seconds, 0.0);
    EXPECT_LT(seen.idle_seconds, 60.0);
  }
  EXPECT_EQ(read_heartbeat(run.path()).phase, "ended");
}

// What is promised to those who watch.
TEST(Heartbeat, ComesEveryTenSecondsAtLeast) { EXPECT_LE(Heartbeat::kSeconds, 10.0); }

}  // namespace
}  // namespace reverie::training
