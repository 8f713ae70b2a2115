// Faults of a machine in the middle of a training: a power cut, a disk that refuses, a directory that vanishes, no memory,
// a clock that is set back, a process that stands still, a second one. After each the run goes on from a whole checkpoint
// and ends in the bits of an unbroken one. tests/chaos/faults.cc makes most of them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "contract/rng.h"
#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

// How often a fault is tried: a few times in the suite, REVERIE_FAULTS times otherwise (docs/results/faults.md).
int wanted(int few) {
  const char* text = std::getenv("REVERIE_FAULTS");
  return text != nullptr ? std::atoi(text) : few;
}

constexpr const char* kPreload = "LD_PRELOAD=" REVERIE_FAULT_LIBRARY;

int lines(const std::string& text) { return static_cast<int>(std::ranges::count(text, '\n')); }

class Chaos : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(process.run(training("whole")).status, 0);
    expected = learned("whole");
    ASSERT_GT(expected.size(), 20U);
  }

  static std::vector<std::string> training(const std::string& out) {
    return joined({"train", "--task", "gym/hopper", "--out", out, "env_steps=600", "random_steps=200",
                   "updates_per_decision=0.1", "eval_every=300", "eval_episodes=1", "eval_dream=0",
                   "checkpoint_every=100", "log_every=50", "log_max_bytes=3000", "-q"},
                  kSmallLearner);
  }
  static std::vector<std::string> resuming() { return {"train", "--resume", "run", "-q"}; }

  // Checkpoints, links and episodes, without files of a write that was cut off.
  std::map<std::string, std::string> learned(const std::string& run) const {
    std::map<std::string, std::string> files;
    for (const auto& [name, content] : process.snapshot()) {
      const bool counts = name.starts_with(run + "/checkpoints/") || name.starts_with(run + "/episodes/");
      if (counts && name.find(".tmp") == std::string::npos && !name.ends_with(".new"))
        files[name.substr(run.size())] = content;
    }
    return files;
  }

  bool has_begun() const { return fs::exists(process.folder() / "run/config.toml"); }

  // Begins or goes on, under a fault.
  void start_with(const std::string& kind, int64_t at) {
    if (!has_begun()) fs::remove_all(process.folder() / "run");
    std::vector<std::string> words = {
        kPreload, "REVERIE_FAULT=" + kind, "REVERIE_FAULT_AT=" + std::to_string(at),
        "REVERIE_FAULT_FOLDER=" + (process.folder() / "run").string(), REVERIE_BINARY};
    process.start("/usr/bin/env", joined(words, has_begun() ? resuming() : training("run")));
  }
  Outcome run_with(const std::string& kind, int64_t at) {
    start_with(kind, at);
    return process.finish();
  }

  // It goes on to its end, and nothing is lost.
  void expect_same_end() {
    const Outcome last = process.run(has_begun() ? resuming() : training("run"));
    ASSERT_EQ(last.status, 0) << last.err;
    EXPECT_EQ(process.run({"verify", "run"}).status, 0);
    EXPECT_TRUE(learned("run") == expected);
  }
  void forget() { fs::remove_all(process.folder() / "run"); }
  // One that came to its end before the fault did.
  void forget_whole_run(const Outcome& outcome) {
    if (outcome.status != 0) return;
    EXPECT_TRUE(learned("run") == expected);
    forget();
  }

  void wait_for(const std::string& file) {
    while (process.is_running() && !fs::exists(process.folder() / file))
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ASSERT_TRUE(process.is_running());
  }
  nlohmann::json status() {
    return nlohmann::json::parse(
        asking.run({"status", (process.folder() / "run").string(), "--json"}).out)["runs"][0];
  }

  ReverieProcess process, asking;
  std::map<std::string, std::string> expected;
  contract::Rng rng{3, 0, contract::Stream::kEvaluation};
};

TEST_F(Chaos, APowerCutInAnyWriteLosesNothing) {
  int cut = 0;
  for (int i = 0; i < 6 * wanted(8) && cut < wanted(8); ++i) {
    const Outcome outcome = run_with("torn", 1 + rng.below(120));
    ASSERT_THAT(outcome.status, AnyOf(0, 128 + SIGKILL)) << outcome.err;
    if (outcome.status != 0) {
      ++cut;
      if (has_begun()) {
        const Outcome verified = process.run({"verify", "run"});
        EXPECT_EQ(verified.status, 0) << verified.out;
      }
    } else {
      expect_same_end();
      forget();
    }
  }
  EXPECT_EQ(cut, wanted(8));
  expect_same_end();
}

TEST_F(Chaos, ADiskThatRefusesIsSaidInOneLine) {
  int hit = 0;
  for (int i = 0; i < 6 * wanted(3) && hit < wanted(3); ++i) {
    const int64_t at = 1 + rng.below(90);
    const Outcome outcome = run_with("read-only", at);
    forget_whole_run(outcome);
    if (outcome.status == 0) continue;
    ++hit;
    EXPECT_EQ(outcome.status, 2) << at;
    EXPECT_EQ(lines(outcome.err), 1) << at << ": " << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("Read-only file system")) << at;
    if (has_begun() && fs::exists(process.folder() / "run/checkpoints/last")) {
      EXPECT_THAT(outcome.err, HasSubstr("--resume run")) << at;
    }
    expect_same_end();
    forget();
  }
  EXPECT_EQ(hit, wanted(3));
}

// A run in an archive that may only be read.
TEST_F(Chaos, AnEvaluationTellsWhatItFoundWhereItCannotWrite) {
  const std::vector<std::string> words = {kPreload,
                                          "REVERIE_FAULT=read-only",
                                          "REVERIE_FAULT_AT=0",
                                          "REVERIE_FAULT_FOLDER=" + (process.folder() / "whole").string(),
                                          REVERIE_BINARY,
                                          "evaluate",
                                          "whole",
                                          "--quick",
                                          "--sections",
                                          "returns",
                                          "-q"};
  const Outcome outcome = process.run("/usr/bin/env", words);
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(lines(outcome.err), 1) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("--out DIR puts it elsewhere"));
  EXPECT_THAT(outcome.out, HasSubstr("simulated return"));
  const Outcome elsewhere = process.run("/usr/bin/env", joined(words, {"--out", "report"}));
  EXPECT_EQ(elsewhere.status, 0) << elsewhere.err;
  EXPECT_TRUE(fs::exists(process.folder() / "report/report.json"));
}

TEST_F(Chaos, ADirectoryThatVanishesIsNotBegunAnew) {
  int hit = 0;
  for (int i = 0; i < 6 * wanted(3) && hit < wanted(3); ++i) {
    const int64_t at = 4 + rng.below(86);
    const Outcome outcome = run_with("vanished", at);
    forget_whole_run(outcome);
    if (outcome.status == 0) continue;
    ++hit;
    EXPECT_EQ(outcome.status, 2) << at;
    EXPECT_EQ(lines(outcome.err), 1) << at << ": " << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("run")) << at;
    ASSERT_FALSE(fs::exists(process.folder() / "run")) << at;
    fs::rename(process.folder() / "run.gone", process.folder() / "run");
    expect_same_end();
    forget();
  }
  EXPECT_EQ(hit, wanted(3));
}

TEST_F(Chaos, NoMemoryIsSaidInOneLine) {
  int hit = 0;
  for (int i = 0; i < 6 * wanted(3) && hit < wanted(3); ++i) {
    const int64_t at = 1 + rng.below(90);
    const Outcome outcome = run_with("memory", at);
    if (outcome.status != 0) {
      ++hit;
      EXPECT_EQ(outcome.status, 3) << at << ": " << outcome.err;
      EXPECT_EQ(lines(outcome.err), 1) << at << ": " << outcome.err;
      EXPECT_THAT(outcome.err, HasSubstr("out of memory")) << at;
    }
    expect_same_end();
    forget();
  }
  EXPECT_EQ(hit, wanted(3));
}

TEST_F(Chaos, AClockThatIsSetBackChangesNothing) {
  start_with("clock", 1500);
  wait_for("run/checkpoints/last");
  process.signal(SIGSTOP);  // it cannot end before it is looked at
  const auto seen = status();
  process.signal(SIGCONT);
  EXPECT_EQ(seen["alive"], true);
  EXPECT_GE(seen["heartbeat"]["age_seconds"], 0.0);
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  double before = 0.0;  // seconds of training only grow
  std::string text;
  for (int part = 1; fs::exists(process.folder() / fmt::format("run/metrics.{}.jsonl", part)); ++part)
    text += process.read(fmt::format("run/metrics.{}.jsonl", part));
  EXPECT_GT(lines(text), 4);
  std::istringstream rows(text + process.read("run/metrics.jsonl"));
  for (std::string row; std::getline(rows, row);) {
    const double seconds = nlohmann::json::parse(row)["time/seconds"];
    EXPECT_GE(seconds, before);
    EXPECT_LT(seconds, 3600.0);
    before = seconds;
  }
  expect_same_end();
}

// REVERIE_STOPPED says for how many seconds; a minute in tests/chaos/many_faults.sh.
TEST_F(Chaos, AProcessThatStoodStillGoesOnAndSaysHowLongItNeeds) {
  const char* text = std::getenv("REVERIE_STOPPED");
  const double seconds = text != nullptr ? std::atof(text) : 8.0;
  std::vector<std::string> words = training("long");
  words[5] = "env_steps=100000000";
  process.start(REVERIE_BINARY, words);
  wait_for("long/checkpoints/last");
  process.signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  process.signal(SIGCONT);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the heartbeat that was due is written
  const std::string run = (process.folder() / "long").string();
  const auto seen = nlohmann::json::parse(asking.run({"status", run, "--json"}).out)["runs"][0];
  EXPECT_EQ(seen["state"], "running");
  EXPECT_GT(seen["heartbeat"]["steps_per_second"], 0.0);
  EXPECT_GE(seen["heartbeat"]["idle_seconds"], 0.0);
  EXPECT_LT(seen["heartbeat"]["idle_seconds"], 0.7 * seconds);
  EXPECT_GT(seen["seconds_left"], 0.0);
  process.interrupt();
  EXPECT_EQ(process.finish().status, 130);

  process.start(REVERIE_BINARY, training("run"));
  wait_for("run/checkpoints/last");
  process.signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  process.signal(SIGCONT);
  EXPECT_EQ(process.finish().status, 0);
  expect_same_end();
}

TEST_F(Chaos, ASecondProcessIsTurnedAwayAndTheFirstGoesOn) {
  process.start(REVERIE_BINARY, training("run"));
  wait_for("run/checkpoints/last");
  process.signal(SIGSTOP);  // it cannot end before the second one asks
  const std::string run = (process.folder() / "run").string();
  const Outcome second = asking.run({"train", "--resume", run});
  EXPECT_EQ(second.status, 2);
  EXPECT_EQ(lines(second.err), 1) << second.err;
  EXPECT_THAT(second.err, HasSubstr("another process is training in it"));
  EXPECT_EQ(asking.run({"train", "--out", run, "-q"}).status, 2);
  process.signal(SIGCONT);
  EXPECT_EQ(process.finish().status, 0);
  expect_same_end();
}

}  // namespace
}  // namespace reverie::apps
