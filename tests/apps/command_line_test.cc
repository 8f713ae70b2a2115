// What the binary prints and returns when it is used as intended.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using testing::HasSubstr;

// Small enough to train in a moment.
const std::vector<std::string> kTiny =
    joined({"envs=2", "random_steps=200", "updates_per_decision=0.1", "eval_every=0", "checkpoint_every=200",
            "log_every=100", "learner_threads=1"},
           kSmallLearner);

std::vector<std::string> tiny(const std::vector<std::string>& words) { return joined(words, kTiny); }

class CommandLine : public testing::Test {
 protected:
  nlohmann::json json_of(const std::vector<std::string>& words) {
    const Outcome outcome = process.run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    auto object = nlohmann::json::parse(outcome.out, nullptr, false);
    EXPECT_TRUE(object.is_object()) << outcome.out;
    return object;
  }
  ReverieProcess process;
};

TEST_F(CommandLine, Version) {
  EXPECT_EQ(process.run({"--version"}).out, "reverie " REVERIE_VERSION "\n");
  EXPECT_EQ(process.run({"--version"}).status, 0);
}

TEST_F(CommandLine, EverySubcommandHasHelpWithExamples) {
  const std::string help = process.run({"--help"}).out;
  for (const std::string command : {"demo", "tasks", "config", "train", "evaluate", "compare", "view",
                                    "collect", "replay", "inspect", "bench", "doctor"}) {
    EXPECT_THAT(help, HasSubstr("\n  " + command + " "));
    const Outcome outcome = process.run({command, "--help"});
    EXPECT_EQ(outcome.status, 0) << command;
    EXPECT_THAT(outcome.out, HasSubstr("Example")) << command;
    EXPECT_THAT(outcome.out, HasSubstr("reverie " + command)) << command;
  }
}

TEST_F(CommandLine, TasksAndConfig) {
  EXPECT_THAT(process.run({"tasks"}).out, HasSubstr("dmc/cartpole-swingup"));
  bool found = false;
  const nlohmann::json tasks = json_of({"tasks", "--json"});
  for (const auto& task : tasks["tasks"]) {
    if (task["task"] != "dmc/cartpole-swingup") continue;
    found = true;
    EXPECT_EQ(task["observation_dim"], 5);
    EXPECT_EQ(task["action_dim"], 1);
    EXPECT_EQ(task["episode_steps"], 1000);
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(json_of({"config", "--json", "seed=9"})["seed"], 9);
  process.write("mine.toml",
                process.run({"config", "learner.discount=0.5"}).out);  // what it prints can be read
  EXPECT_EQ(process.run({"train", "--config", "mine.toml", "envs=0"}).status, 2);
}

TEST_F(CommandLine, InspectShowsSignalsAndRewardTermsOfADataset) {
  const nlohmann::json collected =
      json_of({"collect", "--task", "gym/hopper", "--episodes", "4", "--out", "data", "--json"});
  const nlohmann::json facts = json_of({"inspect", "data", "--json"});
  double sum = 0.0;
  for (const auto& [term, value] : facts["reward_terms"].items()) sum += value.get<double>();
  EXPECT_GT(facts["reward_terms"].size(), 1u);
  EXPECT_NEAR(sum, collected["mean_return"].get<double>(), 1e-3);
  EXPECT_FALSE(facts["signals"].empty());
  for (const auto& [name, range] : facts["signals"].items()) {
    EXPECT_LE(range["min"], range["mean"]) << name;
    EXPECT_LE(range["mean"], range["max"]) << name;
  }
}

TEST_F(CommandLine, CollectIsRepeatable) {
  const auto first = json_of({"collect", "--episodes", "3", "--out", "a", "seed=4", "--json"});
  EXPECT_EQ(first["episodes"], 3);
  EXPECT_EQ(first["control_steps"], 3000);
  json_of({"collect", "--episodes", "3", "--out", "b", "seed=4", "envs=1", "--json"});
  EXPECT_EQ(process.read("a/shard-000000.safetensors"), process.read("b/shard-000000.safetensors"));
  json_of({"collect", "--episodes", "3", "--out", "c", "seed=5", "--json"});
  EXPECT_NE(process.read("a/shard-000000.safetensors"), process.read("c/shard-000000.safetensors"));
}

// A large matrix product is summed in another order by two threads than by one. It differed in about one run of four.
TEST_F(CommandLine, AWideModelLearnsTheSameSideBySide) {
  std::string bodies, motors;
  for (int i = 0; i < 460; ++i) {
    bodies +=
        fmt::format("<body><joint name='j{}'/><geom size='0.1' contype='0' conaffinity='0'/></body>", i);
    motors += fmt::format("<motor joint='j{}' ctrlrange='-1 1'/>", i);
  }
  process.write("wide.xml",
                "<mujoco><worldbody>" + bodies + "</worldbody><actuator>" + motors + "</actuator></mujoco>");
  process.write(
      "wide.toml",
      "schema = 1\nid = 'test/wide'\nmodel = 'wide.xml'\ncontrol_dt = 0.01\nepisode_steps = 50\n"
      "[[observation]]\nname = 'state'\nexpr = '[qpos(), qvel()]'\n[reward]\nexpr = 'qpos(\"j0\")'\n");
  const auto weights = [&](const std::string& run, const std::string& overlap) {
    const Outcome outcome =
        process.run({"train", "--task", "wide.toml", "--out", run, "env_steps=60", "random_steps=40",
                     "size=nano", "updates_per_decision=0.2", "eval_every=0", "device=cpu", overlap});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return process.read(run + "/checkpoints/last/model.safetensors");
  };
  ::unsetenv("OMP_NUM_THREADS");  // which hides it
  const std::string wanted = weights("alone", "overlap=false");
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(weights(fmt::format("both{}", i), "overlap=true") == wanted) << i;
}

TEST_F(CommandLine, TrainThenEvaluate) {
  const auto trained = json_of(tiny({"train", "--out", "run", "--json", "env_steps=400"}));
  EXPECT_EQ(trained["run"], "run");
  EXPECT_EQ(trained["env_steps"], 400);
  EXPECT_EQ(trained["interrupted"], false);
  EXPECT_TRUE(fs::exists(process.folder() / "run/run.log"));
  const auto result = json_of({"evaluate", "run", "--episodes", "2", "--json"});
  EXPECT_EQ(result["run"], "run");
  EXPECT_EQ(result["simulated_return"]["n"], 2);
  EXPECT_TRUE(result["imagined_return"]["mean"].is_number());
  EXPECT_TRUE(result["valid_horizon_steps"].is_number());
  EXPECT_TRUE(fs::exists(process.folder() / "run/evaluation/report.html"));

  // The same run, damaged in different ways: the user's input, and nothing more is written.
  const std::string model = "run/checkpoints/000000400/model.safetensors",
                    before_it = "run/checkpoints/000000200/model.safetensors";
  const std::string good = process.read(model), good_before_it = process.read(before_it);
  for (const std::string& bad : {good.substr(0, good.size() / 2), std::string("{}"), std::string()}) {
    process.write(model, bad);
    process.write(before_it, bad);
    const auto before = process.snapshot();
    const Outcome outcome = process.run({"evaluate", "run"});
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("model.safetensors"));
    EXPECT_EQ(process.run({"train", "--resume", "run", "env_steps=600"}).status, 2);
    EXPECT_TRUE(process.snapshot() == before) << "something changed on disk";
  }
  process.write(model, good);
  process.write(before_it, good_before_it);
  process.write("run/checkpoints/last/state.json", "{\"env_steps\": ");
  const Outcome outcome = process.run({"evaluate", "run", "--checkpoint", "400"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("state.json"));
  const Outcome earlier = process.run({"evaluate", "run", "--quick", "--sections", "returns"});
  EXPECT_EQ(earlier.status, 0) << earlier.err;
  EXPECT_THAT(earlier.err, HasSubstr("000000200 is used"));
}

TEST_F(CommandLine, InterruptSavesAndResumeGoesOn) {
  process.start(REVERIE_BINARY, tiny({"train", "--out", "run", "env_steps=100000000"}));
  while (process.is_running() && process.read("run/metrics.jsonl").size() < 1000) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  process.interrupt();
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("--resume run"));
  const Outcome again = process.run({"train", "--resume", "run", "seed=2"});
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("can only change env_steps"));
  const auto resumed = json_of({"train", "--resume", "run", "env_steps=1", "--json"});  // reached long ago
  EXPECT_GE(resumed["env_steps"], 200);
}

TEST_F(CommandLine, InstalledPlaceFindsItsScenes) {
  const fs::path build = fs::path(REVERIE_BINARY).parent_path();
  ASSERT_EQ(process.run("/usr/bin/cmake", {"--install", build.string(), "--prefix", "installed"}).status, 0);
  const Outcome outcome = process.run(process.folder() / "installed/bin/reverie", {"doctor", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(nlohmann::json::parse(outcome.out)["scenes"],
              testing::StartsWith("installed/share/reverie/scenes"));
  EXPECT_THAT(process.run(process.folder() / "installed/bin/reverie", {"tasks"}).out,
              HasSubstr("dmc/cartpole-swingup"));
}

}  // namespace
}  // namespace reverie::apps
