// Several seeds in one command: each a run of its own, and the same command again goes on.
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
using testing::Not;

class TrainSeeds : public testing::Test {
 protected:
  static std::vector<std::string> command(const std::string& seeds, const std::string& env_steps) {
    return joined({"train", "--json", "--out", "out", "seeds=" + seeds, "env_steps=" + env_steps,
                   "random_steps=200", "updates_per_decision=0.1", "eval_every=" + env_steps,
                   "eval_episodes=1", "checkpoint_every=200", "log_every=100"},
                  kSmallLearner);
  }
  std::string error_of(const std::vector<std::string>& words) {
    const auto before = process.snapshot();
    const Outcome outcome = process.run(words);
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_TRUE(process.snapshot() == before) << "something changed on disk";
    return outcome.err;
  }
  ReverieProcess process;
};

TEST_F(TrainSeeds, OneRunASeedWithMedianAndBand) {
  const Outcome outcome = process.run(command("3,0,5", "400"));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto object = nlohmann::json::parse(outcome.out);
  std::vector<double> returns;
  for (const int i : {0, 1, 2}) {
    const std::string run = std::vector<std::string>{"out/seed-3", "out/seed-0", "out/seed-5"}[i];
    EXPECT_EQ(object["runs"][i]["run"], run);
    returns.push_back(object["runs"][i]["return"].get<double>());
    const std::string log = process.read(run + "/run.log");
    EXPECT_THAT(log, HasSubstr(run));
    if (run != "out/seed-5") {
      EXPECT_THAT(log, Not(HasSubstr("seed-5")));  // of this run only
    }
  }
  std::ranges::sort(returns);
  EXPECT_LT(returns[0], returns[2]);  // the seeds did differ
  EXPECT_DOUBLE_EQ(object["median"].get<double>(), returns[1]);
  EXPECT_DOUBLE_EQ(object["quartiles"][0].get<double>(), (returns[0] + returns[1]) / 2);
  EXPECT_DOUBLE_EQ(object["quartiles"][1].get<double>(), (returns[1] + returns[2]) / 2);
  // A seed trains as it does alone.
  std::vector<std::string> alone = command("0", "400");
  alone[3] = "alone";
  alone[4] = "seed=0";
  ASSERT_EQ(process.run(alone).status, 0);
  const std::string weights = "/checkpoints/last/model.safetensors";
  EXPECT_TRUE(process.read("alone" + weights) == process.read("out/seed-0" + weights));
}

TEST_F(TrainSeeds, TheSameCommandGoesOn) {
  const std::vector<std::string> words = command("1,2", "1200");
  process.start(REVERIE_BINARY, words);
  while (process.is_running() && process.read("out/seed-2/metrics.jsonl").empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  process.interrupt();
  ASSERT_EQ(process.finish().status, 130);
  const std::string finished = process.read("out/seed-1/metrics.jsonl");
  ASSERT_EQ(process.run(words).status, 0);
  EXPECT_EQ(process.read("out/seed-1/metrics.jsonl"), finished);  // kept as it was
  EXPECT_TRUE(fs::exists(process.folder() / "out/seed-2/checkpoints/000001200"));
  EXPECT_THAT(error_of(command("2,4", "1300")), HasSubstr("out/seed-2: a run with other settings"));
}

TEST_F(TrainSeeds, WrongSeeds) {
  EXPECT_THAT(error_of(command("1,x", "400")), HasSubstr("seeds: expected numbers from 0"));
  EXPECT_THAT(error_of(command("", "400")), HasSubstr("found ''"));
  EXPECT_THAT(error_of(command("1,-2", "400")), HasSubstr("found '-2'"));
  EXPECT_THAT(error_of(command("1,2,1", "400")), HasSubstr("1 is there twice"));
  EXPECT_THAT(error_of({"train", "seeds=1,2"}), HasSubstr("expected --out DIR"));
  EXPECT_THAT(error_of({"train", "--out", "out", "seeds=1,2", "seed=3"}), HasSubstr("no seed=..."));
}

}  // namespace
}  // namespace reverie::apps
