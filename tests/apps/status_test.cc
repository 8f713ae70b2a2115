// reverie status and reverie verify, as a user meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using testing::HasSubstr;

std::vector<std::string> training(const std::string& out, const std::string& env_steps) {
  return joined(
      {"train", "--out", out, "env_steps=" + env_steps, "random_steps=200", "updates_per_decision=0.2",
       "eval_every=300", "eval_episodes=1", "eval_dream=0", "checkpoint_every=200", "log_every=100", "-q"},
      kSmallLearner);
}

TEST(Status, ATrainingIsSeenWhileItRunsAndAfterItWasKilled) {
  ReverieProcess process, asking;
  process.start(REVERIE_BINARY, training("run", "100000000"));
  const std::string run = (process.folder() / "run").string();
  while (process.is_running() && process.read("run/heartbeat.json").find("\"phase\"") == std::string::npos)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  while (process.is_running() && !fs::exists(run + "/checkpoints/last"))
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const Outcome alive = asking.run({"status", run, "--json"});
  ASSERT_EQ(alive.status, 0) << alive.err;
  const auto seen = nlohmann::json::parse(alive.out)["runs"][0];
  EXPECT_EQ(seen["state"], "running");
  EXPECT_GT(seen["step"], 0);
  EXPECT_GT(seen["disk_bytes"], 1000);
  EXPECT_LT(seen["heartbeat"]["age_seconds"], 30.0);
  process.kill();
  process.finish();
  const Outcome dead = asking.run({"status", run});
  EXPECT_THAT(dead.out, HasSubstr("not running"));
  EXPECT_THAT(dead.out, HasSubstr("go on with: reverie train --resume"));
}

TEST(Status, VerifyFindsAFlippedBitAndSaysWhatResumes) {
  ReverieProcess process;
  ASSERT_EQ(process.run(training("run", "600")).status, 0);
  ASSERT_EQ(process.run({"evaluate", "run", "--quick", "--sections", "returns", "-q"}).status, 0);
  const Outcome whole = process.run({"verify", "run"});
  EXPECT_EQ(whole.status, 0) << whole.out;
  EXPECT_THAT(whole.out, HasSubstr("0 damaged, 0 not checked"));
  EXPECT_THAT(whole.out, HasSubstr("it can be resumed from its last checkpoint"));
  for (const char* name : {"run/checkpoints/last/optimizer.safetensors", "run/evaluation/report.json",
                           "run/evaluation/metrics.csv"}) {
    const std::string before = process.read(name);
    std::string after = before;
    after[after.size() / 2] = static_cast<char>(after[after.size() / 2] ^ 4);
    process.write(name, after);
    const Outcome damaged = process.run({"verify", "run", "--json"});
    EXPECT_EQ(damaged.status, 1) << name;
    EXPECT_THAT(damaged.out, HasSubstr("\"state\":\"damaged\"")) << name;
    process.write(name, before);
  }
  EXPECT_EQ(process.run({"verify", "run/evaluation"}).status, 0);
  EXPECT_EQ(process.run({"verify", "nowhere"}).status, 2);
}

}  // namespace
}  // namespace reverie::apps
