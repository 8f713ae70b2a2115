// A disk that is full at any byte: one line, status 3, and with room the run ends in the same bits.
// A limit on the size of files stands for the disk; tests/chaos/disk_full.sh does the same with a small disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "contract/rng.h"
#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using testing::HasSubstr;

std::vector<std::string> training(const std::string& out) {
  return joined(
      {"train", "--out", out, "env_steps=600", "random_steps=200", "updates_per_decision=0.1",
       "eval_every=300", "eval_episodes=1", "eval_dream=0", "checkpoint_every=100", "log_every=50", "-q"},
      kSmallLearner);
}

std::map<std::string, std::string> learned(const ReverieProcess& process, const std::string& run) {
  std::map<std::string, std::string> files;
  for (const auto& [name, content] : process.snapshot())
    if (name.starts_with(run + "/checkpoints/") || name.starts_with(run + "/episodes/"))
      files[name.substr(run.size())] = content;
  return files;
}

// The same command in a shell that lets no file grow beyond so many kilobytes.
Outcome run_within(ReverieProcess& process, int64_t kilobytes, const std::vector<std::string>& words) {
  std::string line = "ulimit -f " + std::to_string(kilobytes) + "; exec " REVERIE_BINARY;
  for (const std::string& word : words) line += " '" + word + "'";
  return process.run("/bin/bash", {"-c", line});
}

TEST(DiskFull, EndsWithOneLineAndGoesOnWithRoom) {
  ReverieProcess process;
  ASSERT_EQ(process.run(training("whole")).status, 0);
  const auto expected = learned(process, "whole");
  int64_t largest = 0;
  for (const auto& [name, content] : expected) largest = std::max(largest, std::ssize(content) / 1024);
  ASSERT_GT(largest, 20);
  contract::Rng rng(1, 0, contract::Stream::kEvaluation);
  for (int i = 0; i < 5; ++i) {
    fs::remove_all(process.folder() / "run");
    const int64_t room = i == 0 ? 1 : 2 + static_cast<int64_t>(rng.below(largest - 2));
    const Outcome full = run_within(process, room, training("run"));
    EXPECT_EQ(full.status, 3) << room << " KB: " << full.err;
    EXPECT_EQ(std::count(full.err.begin(), full.err.end(), '\n'), 1) << full.err;
    EXPECT_THAT(full.err, HasSubstr("error: "));
    const bool began = fs::exists(process.folder() / "run" / "config.toml");
    if (began) {
      EXPECT_EQ(process.run({"verify", "run"}).status, 0) << room;
    }
    const Outcome again =
        process.run(began ? std::vector<std::string>{"train", "--resume", "run", "-q"} : training("run"));
    ASSERT_EQ(again.status, 0) << room << " KB: " << again.err;
    EXPECT_TRUE(learned(process, "run") == expected) << room << " KB";
  }
}

}  // namespace
}  // namespace reverie::apps
