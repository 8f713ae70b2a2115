// inspect --init from the outside: where the file lies, what is printed, and that the printed command trains.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

const char* const kPole =
    "<mujoco><worldbody><body name=\"pole\"><joint name=\"hinge\" axis=\"0 1 0\" range=\"20 90\" "
    "damping=\"1\"/>"
    "<geom size=\".1\" pos=\"0 0 .3\" mass=\"1\"/></body></worldbody>"
    "<actuator><position joint=\"hinge\" kp=\"5\"/></actuator></mujoco>";

class Init : public testing::Test {
 protected:
  std::string out_of(const std::vector<std::string>& words) {
    const Outcome outcome = process.run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  }
  ReverieProcess process;
};

TEST_F(Init, PrintsACommandThatTrains) {
  process.write("pole.xml", kPole);
  const std::string said = out_of({"inspect", "pole.xml", "--init"});
  EXPECT_THAT(said, HasSubstr("outside their range: hinge (0 in the reference pose, range [0.3491, 1.571])"));
  ASSERT_THAT(said, HasSubstr("reverie train --task pole.toml env_steps=5000 random_steps=1000\n"));
  const auto result = nlohmann::json::parse(
      out_of(joined({"train", "--task", "pole.toml", "env_steps=5000", "random_steps=1000", "--json",
                     "updates_per_decision=0.01", "eval_every=0", "eval_episodes=1"},
                    kSmallLearner)));
  EXPECT_GT(result["updates"], 0);
}

TEST_F(Init, WritesNamesThatAShellReads) {
  process.write("my \"pole\".xml", kPole);
  EXPECT_THAT(out_of({"inspect", "my \"pole\".xml", "--init"}),
              HasSubstr("--task 'my \"pole\".toml' env_steps"));
  EXPECT_THAT(out_of({"inspect", "my \"pole\".toml"}), HasSubstr("action 1"));
}

TEST_F(Init, FindsTheModelFromAFolderBehindALink) {
  fs::create_directories(process.folder() / "models");
  fs::create_directories(process.folder() / "far/away/tasks");
  fs::create_directory_symlink(process.folder() / "far/away/tasks", process.folder() / "tasks");
  process.write("models/pole.xml", kPole);
  out_of({"inspect", "models/pole.xml", "--init", "--out", "tasks/pole.toml"});
  EXPECT_THAT(out_of({"inspect", "tasks/pole.toml"}), HasSubstr("action 1"));
  EXPECT_THAT(out_of({"inspect", "far/away/tasks/pole.toml"}), HasSubstr("action 1"));
}

TEST_F(Init, OffersNoTrainingWhereNothingCanBeDriven) {
  process.write("stone.xml",
                "<mujoco><worldbody><body><freejoint/><geom size=\".1\"/></body></worldbody></mujoco>");
  const std::string said = out_of({"inspect", "stone.xml", "--init"});
  EXPECT_THAT(said, HasSubstr("nothing here can be driven"));
  EXPECT_THAT(said, Not(HasSubstr("reverie train")));
}

TEST_F(Init, TrainingWarnsWhenAllItsStepsAreRandom) {
  process.write("pole.xml", kPole);
  out_of({"inspect", "pole.xml", "--init"});
  const Outcome outcome = process.run(
      joined({"train", "--task", "pole.toml", "env_steps=200", "random_steps=300", "eval_episodes=1"},
             kSmallLearner));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("env_steps=200 is less than random_steps=300"));
  EXPECT_THAT(outcome.out, HasSubstr("0 updates: nothing was learned"));
}

}  // namespace
}  // namespace reverie::apps
