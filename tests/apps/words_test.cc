// A word on the command line is honoured, or refused with one line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kModel = R"(<mujoco><worldbody><body><joint name="hinge" type="hinge"/>
<geom size="0.1"/></body></worldbody><actuator><motor joint="hinge" ctrllimited="true" ctrlrange="-1 1"/></actuator></mujoco>)";

std::string task_of(int episode_steps, const std::string& observation) {
  return "schema = 1\nid = \"test/hinge\"\nmodel = \"hinge.xml\"\ncontrol_dt = 0.02\nepisode_steps = " +
         std::to_string(episode_steps) + "\n[[observation]]\nname = \"o\"\nexpr = \"" + observation +
         "\"\n[reward]\nexpr = \"-sum(action()**2)\"\n";
}

class Words : public testing::Test {
 protected:
  void SetUp() override { process.write("hinge.xml", kModel); }
  void train(const std::string& task, const std::string& random_steps = "100") {
    const Outcome outcome = process.run(
        joined({"train", "--task", task, "--out", "run", "env_steps=200", "random_steps=" + random_steps,
                "updates_per_decision=0.2", "eval_episodes=1", "-q"},
               kSmallLearner));
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }
  std::string error_of(const std::vector<std::string>& words) {
    const Outcome outcome = process.run(words);
    EXPECT_EQ(outcome.status, 2) << words[0] << ": " << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    return outcome.err;
  }
  ReverieProcess process;
};

TEST_F(Words, WithoutAnyEffectAreRefused) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"collect", "--explore", "--out", "d"}, "--explore: only a run"},
      {{"evaluate", "--self-test", "--episodes", "3"}, "--episodes: not with --self-test"},
      {{"evaluate", "--self-test", "think=3"}, "'think=3': --self-test takes seed=N only"},
      {{"view", "dmc/hopper-hop", "--checkpoint", "best", "--headless", "--video", "v.mp4"},
       "--checkpoint: "},
      {{"view", "dmc/hopper-hop", "think=2", "--headless", "--video", "v.mp4"}, "'think=2': only the policy"},
      {{"view", "dmc/hopper-hop", "--seconds", "3"}, "--seconds: a window"},
      {{"view", "dmc/hopper-hop", "--record", "r.mcap"}, "--record: give --headless too"},
      {{"replay", "--task", "dmc/hopper-hop", "--input", "in.csv", "--seed", "3"},
       "--seed: only with --resets"},
      {{"replay", "--task", "dmc/hopper-hop", "--resets", "3", "--json"}, "--json: expected --output"},
      {{"inspect", "dmc/hopper-hop", "--out", "x.toml"}, "--out: only with --init"},
      {{"inspect", "hinge.xml", "params.x=1"}, "'params.x=1': only a task has parameters"},
      {{"bench", "learn", "task=dmc/hopper-hop"}, "expected --task dmc/hopper-hop"},
      {{"train", "--task", "dmc/hopper-hop", "task=dmc/hopper-stand"}, "names another task"}};
  for (const auto& [words, text] : cases) EXPECT_THAT(error_of(words), HasSubstr(text));
}

TEST_F(Words, InspectRefusesWhatATrainingWouldRefuse) {
  process.write("hinge.toml", task_of(50, "qpos()") + "[training]\nlearner.imagination_horizn = 2\n");
  EXPECT_THAT(error_of({"inspect", "hinge.toml"}),
              HasSubstr("training: unknown key 'learner.imagination_horizn'"));
}

TEST_F(Words, AnInputIsNotReplaced) {
  process.write("in.csv", "reset\n");
  EXPECT_THAT(error_of({"replay", "--task", "dmc/hopper-hop", "--input", "in.csv", "--output", "./in.csv"}),
              HasSubstr("would replace the input"));
  EXPECT_EQ(process.read("in.csv"), "reset\n");
}

TEST_F(Words, ARunKnowsItsTaskFileFromEverywhere) {
  process.write("hinge.toml", task_of(50, "qpos()"));
  train("hinge.toml");
  const std::string config = process.read("run/config.toml"),
                    path = (process.folder() / "hinge.toml").string();
  const size_t at = config.find(path);
  ASSERT_NE(at, std::string::npos) << config;
  EXPECT_THAT(error_of({"collect", "--task", "dmc/hopper-hop", "--policy", "run", "--out", "d"}),
              HasSubstr("task dmc/hopper-hop"));
  EXPECT_THAT(error_of({"view", "run", "--policy", "zero", "--headless", "--video", "v.mp4"}),
              HasSubstr("--policy: a run has its own policy"));
  EXPECT_THAT(error_of({"evaluate", "run", "planner.horizon=4"}), HasSubstr("nothing is planned"));
  // An older run has the words as they were typed.
  const std::string edited = std::string(config).replace(at, path.size(), "elsewhere.toml");
  process.write("run/config.toml", edited);
  EXPECT_THAT(error_of({"evaluate", "run"}), HasSubstr("whoever edited it removes its first line"));
  process.write("run/config.toml", edited.substr(edited.find('\n') + 1));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"evaluate", "run"},
                                                {"train", "--resume", "run", "env_steps=300"},
                                                {"evaluate", "--self-test", "run"}})
    EXPECT_THAT(error_of(words), AllOf(HasSubstr("run: its task file elsewhere.toml was looked for at"),
                                       HasSubstr((process.folder() / "elsewhere.toml").string())));
}

TEST_F(Words, ReturnsAreToldWhereNoHorizonCanBe) {
  for (const auto& [steps, observation, why] :
       {std::tuple(1, "qpos()", "none has 2 control steps"), {50, "0*qpos()", "no observation varies"}}) {
    fs::remove_all(process.folder() / "run");
    process.write("hinge.toml", task_of(steps, observation));
    train("hinge.toml");
    const Outcome outcome = process.run({"evaluate", "run", "--episodes", "3", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto result = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(result["simulated_return"]["n"], 3);
    EXPECT_TRUE(result["imagined_return"]["mean"].is_number());
    EXPECT_TRUE(result["valid_horizon_steps"].is_null());
    EXPECT_THAT(process.read("run/evaluation/report.json"), HasSubstr(why));
    EXPECT_THAT(process.read("run/evaluation/report.html"), HasSubstr(why));
  }
}

TEST_F(Words, AReportGoesWhereItIsWantedAndTheVerdictNeedsNone) {
  process.write("hinge.toml", task_of(50, "qpos()"));
  train("hinge.toml", "1000");
  const Outcome elsewhere = process.run({"evaluate", "run", "--episodes", "2", "--out", "a/b"});
  ASSERT_EQ(elsewhere.status, 0) << elsewhere.err;
  EXPECT_THAT(elsewhere.out, HasSubstr("report: a/b/report.html"));
  EXPECT_THAT(elsewhere.err, HasSubstr("has no update behind it"));
  EXPECT_TRUE(fs::exists(process.folder() / "a/b/report.json"));
  EXPECT_FALSE(fs::exists(process.folder() / "run/evaluation"));
  const Outcome refused = process.run({"evaluate", "run", "--episodes", "2", "-q", "--out", "hinge.xml/r"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.out, HasSubstr("simulated return"));
  EXPECT_THAT(refused.err, AllOf(HasSubstr("error: hinge.xml/r"), HasSubstr("--out DIR puts it elsewhere")));
}

}  // namespace
}  // namespace reverie::apps
