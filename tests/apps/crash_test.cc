// A crash in the middle of a training says so in one line, and the run goes on from its last checkpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/apps/reverie_process.h"

namespace reverie::apps {
namespace {

using testing::HasSubstr;

TEST(Crash, IsOneLineAndTheRunGoesOn) {
  ReverieProcess process;
  const std::vector<std::string> train =
      joined({"train", "--task", "dmc/cartpole-swingup", "--out", "run", "env_steps=100000",
              "random_steps=100", "checkpoint_every=200", "eval_every=0", "log_every=100"},
             kSmallLearner);
  process.start(REVERIE_BINARY, train);
  const auto checkpoint = process.folder() / "run/checkpoints/last";
  for (int i = 0; i < 6000 && !std::filesystem::exists(checkpoint) && process.is_running(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_TRUE(process.is_running());
  process.signal(SIGSEGV);  // as a fault of a library would
  const Outcome crashed = process.finish();
  EXPECT_EQ(crashed.status, 128 + SIGSEGV);
  EXPECT_THAT(crashed.err, HasSubstr("internal error: the program crashed (segmentation fault)"));
  EXPECT_THAT(crashed.err, HasSubstr("reverie train --resume RUN"));

  const Outcome checked = process.run({"evaluate", "run", "--episodes", "1", "--sections", "returns"});
  EXPECT_EQ(checked.status, 0) << checked.err;
}

}  // namespace
}  // namespace reverie::apps
