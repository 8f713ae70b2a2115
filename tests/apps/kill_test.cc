// Kill -9 at any moment: --resume goes on from a whole checkpoint, and the end is that of
// an unbroken training.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
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

// A few in the suite; REVERIE_KILLS says how many a task otherwise (docs/results/faults.md).
int wanted_kills(int few) {
  const char* text = std::getenv("REVERIE_KILLS");
  return text != nullptr ? std::atoi(text) : few;
}

// Trains once in peace and once through `kills` kills; `training` makes the words of a run that goes to `out`.
void expect_same_end(ReverieProcess& process,
                     const std::function<std::vector<std::string>(const std::string&)>& training, int kills,
                     size_t files) {
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(process.run(training("whole")).status, 0);
  const Seconds whole = std::chrono::steady_clock::now() - start;

  // Moments are drawn over most of what a training takes, so start-up, updates, evaluation
  // and saving are all hit. A run that came to its end is left alone, and the next one begins.
  contract::Rng rng(1, 0, contract::Stream::kEvaluation);
  const std::vector<std::string> resume = {"train", "--resume", "killed"};
  const auto expected = learned(process, "whole");
  EXPECT_GT(expected.size(), files);
  const auto expect_whole = [&] {
    const Outcome last = process.run(resume);
    ASSERT_EQ(last.status, 0) << last.err;
    EXPECT_EQ(process.run({"verify", "killed"}).status, 0);
    const auto found = learned(process, "killed");
    for (const auto& [name, content] : expected) {
      ASSERT_TRUE(found.contains(name)) << name;
      EXPECT_TRUE(found.at(name) == content) << name;
    }
    EXPECT_EQ(found.size(), expected.size());
  };
  for (int killed = 0, tries = 0; killed < kills && tries < 4 * kills; ++tries) {
    const bool started = fs::exists(process.folder() / "killed" / "config.toml");
    if (!started) fs::remove_all(process.folder() / "killed");
    process.start(REVERIE_BINARY, started ? resume : training("killed"));
    std::this_thread::sleep_for(whole * rng.uniform(0.0, 0.7));
    process.kill();
    const Outcome outcome = process.finish();
    EXPECT_TRUE(outcome.status == 0 || outcome.status == 128 + SIGKILL) << outcome.err;
    killed += outcome.status == 0 ? 0 : 1;
    if (outcome.status != 0) continue;
    expect_whole();
    fs::remove_all(process.folder() / "killed");
  }
  if (!fs::exists(process.folder() / "killed" / "config.toml")) return;
  expect_whole();
}

TEST(Kill, TenKillsOfATrainingThatPlansEndInTheSameBits) {
  ReverieProcess process;
  const auto planned = [](const std::string& out) { return joined(training(out), {"planned_share=1"}); };
  expect_same_end(process, planned, wanted_kills(10), 40);
}

TEST(Kill, EightEnvironmentsEndInTheSameBits) {
  ReverieProcess process;
  const auto eight = [](const std::string& out) {
    return joined(training(out), {"--task", "dmc/reacher-easy", "envs=8", "eval_dream=0"});
  };
  expect_same_end(process, eight, wanted_kills(5), 20);
}

TEST(Kill, ATrainingFromADatasetEndsInTheSameBits) {
  ReverieProcess process;
  ASSERT_EQ(process.run({"collect", "--episodes", "4", "--out", "data", "-q"}).status, 0);
  const auto fixed = [](const std::string& out) {
    return joined({"train", "--out", out, "data=data", "env_steps=0", "updates=200", "eval_every=100",
                   "eval_episodes=1", "eval_dream=0", "checkpoint_every=20", "log_every=10"},
                  kSmallLearner);
  };
  expect_same_end(process, fixed, wanted_kills(5), 20);
}

}  // namespace
}  // namespace reverie::apps
