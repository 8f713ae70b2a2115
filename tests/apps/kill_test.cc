// Kill -9 at any moment: --resume goes on from a whole checkpoint, and the end is that of
// an unbroken training.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "contract/rng.h"
#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using Seconds = std::chrono::duration<double>;

std::vector<std::string> training(const std::string& out) {
  return joined({"train", "--out", out, "env_steps=1200", "random_steps=200", "updates_per_decision=0.2",
                 "eval_every=300", "eval_episodes=2", "checkpoint_every=100", "log_every=50"},
                kSmallLearner);
}

// What a run leaves of its learning: checkpoints, links and episodes, without files of an interrupted write.
std::map<std::string, std::string> learned(const ReverieProcess& process, const std::string& run) {
  std::map<std::string, std::string> files;
  for (const auto& [name, content] : process.snapshot()) {
    const bool counts = name.starts_with(run + "/checkpoints/") || name.starts_with(run + "/episodes/");
    const bool unfinished = name.find(".tmp") != std::string::npos || name.ends_with(".new");
    if (counts && !unfinished) files[name.substr(run.size())] = content;
  }
  return files;
}

TEST(Kill, TenKillsEndInTheSameBits) {
  ReverieProcess process;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(process.run(training("whole")).status, 0);
  const Seconds whole = std::chrono::steady_clock::now() - start;

  // Moments are drawn over most of what a training takes, so start-up, updates, evaluation
  // and saving are all hit.
  contract::Rng rng(1, 0, contract::Stream::kEvaluation);
  const std::vector<std::string> resume = {"train", "--resume", "killed"};
  int killed = 0;
  for (int i = 0; i < 10; ++i) {
    const bool started = fs::exists(process.folder() / "killed" / "config.toml");
    if (!started) fs::remove_all(process.folder() / "killed");
    process.start(REVERIE_BINARY, started ? resume : training("killed"));
    std::this_thread::sleep_for(whole * rng.uniform(0.0, 0.7));
    process.kill();
    const Outcome outcome = process.finish();
    EXPECT_TRUE(outcome.status == 0 || outcome.status == 128 + SIGKILL) << outcome.err;
    killed += outcome.status == 0 ? 0 : 1;
  }
  EXPECT_GT(killed, 0);
  const Outcome last = process.run(resume);
  ASSERT_EQ(last.status, 0) << last.err;
  const auto expected = learned(process, "whole"), found = learned(process, "killed");
  EXPECT_GT(expected.size(), 40U);
  for (const auto& [name, content] : expected) {
    ASSERT_TRUE(found.contains(name)) << name;
    EXPECT_TRUE(found.at(name) == content) << name;
  }
  EXPECT_EQ(found.size(), expected.size());
}

}  // namespace
}  // namespace reverie::apps
