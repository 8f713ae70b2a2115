// A step that does not come to an end is found and named; work that goes on is left alone.
#include "training/step_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace reverie::training {
namespace {

void wait(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

TEST(StepWatch, NamesTheEnvironmentThatDoesNotComeToAnEnd) {
  std::atomic<uint64_t> others{0};  // steps that begin and end
  std::atomic<int> calls{0};
  sim::RunningStep found;
  double waited = 0.0;
  {
    const StepWatch watch(
        [&] {
          return std::vector<sim::RunningStep>{{3, others++}, {7, 41}};
        },
        0.05,
        [&](const sim::RunningStep& step, double seconds) {
          found = step;
          waited = seconds;
          ++calls;
        });
    while (calls == 0) wait(1);
    wait(100);
  }
  EXPECT_EQ(found.environment, 7u);
  EXPECT_EQ(found.call, 41u);
  EXPECT_EQ(calls, 1);
  EXPECT_GE(waited, 0.05);
}

TEST(StepWatch, LeavesManyStepsAlone) {
  std::atomic<uint64_t> looks{0};
  std::atomic<int> calls{0};
  const StepWatch watch(
      [&] {
        const uint64_t look = looks++;
        return look % 2 == 0 ? std::vector<sim::RunningStep>{} : std::vector<sim::RunningStep>{{0, look}};
      },
      0.01, [&](const sim::RunningStep&, double) { ++calls; });
  while (looks < 50) wait(1);
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace reverie::training
