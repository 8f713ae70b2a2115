// Every wrong input gives one clear line and exit status 2, and changes nothing on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/reverie_process.h"

namespace reverie::apps {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kModel = R"(<mujoco><worldbody><body><joint name="hinge" type="hinge"/>
<geom size="0.1"/></body></worldbody><actuator><motor joint="hinge" ctrllimited="true" ctrlrange="-1 1"/></actuator></mujoco>)";
constexpr const char* kTask = R"toml(schema = 1
id = "test/hinge"
model = "hinge.xml"
control_dt = 0.02
episode_steps = 50
[[observation]]
name = "position"
expr = "qpos()"
[reward]
expr = "1.0"
)toml";

class BadInput : public testing::Test {
 protected:
  // The one line on stderr.
  std::string error_of(const std::vector<std::string>& words) {
    const auto before = process.snapshot();
    const Outcome outcome = process.run(words);
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(outcome.err.starts_with("error: ")) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_TRUE(process.snapshot() == before) << "something changed on disk";
    return outcome.err;
  }

  std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  }

  ReverieProcess process;
};

TEST_F(BadInput, UnknownSubcommand) {
  EXPECT_THAT(error_of({"trian"}), HasSubstr("unknown subcommand 'trian' (did you mean 'train'?)"));
  EXPECT_THAT(error_of({"-q", "zzzzzzzzzz"}), HasSubstr("unknown subcommand 'zzzzzzzzzz'; 'reverie --help'"));
  error_of({});
}

TEST_F(BadInput, UnknownOption) { EXPECT_THAT(error_of({"train", "--tsak", "x"}), HasSubstr("--tsak")); }

TEST_F(BadInput, UnknownKeyOrWrongValue) {
  EXPECT_THAT(error_of({"train", "sed=3"}), HasSubstr("unknown key 'sed' (did you mean 'seed'?)"));
  EXPECT_THAT(error_of({"demo", "learner.discont=0.9"}), HasSubstr("'learner.discount'"));
  EXPECT_THAT(error_of({"train", "env_steps=many"}),
              HasSubstr("env_steps: expected an integer, found 'many'"));
  EXPECT_THAT(error_of({"train", "envs=0"}), HasSubstr("envs: expected a value from 1"));
  EXPECT_THAT(error_of({"train", "stray"}), HasSubstr("'stray': expected key=value"));
  EXPECT_THAT(error_of({"config", "device=gpu"}), HasSubstr("auto, cpu, cuda"));
}

TEST_F(BadInput, ConfigFile) {
  EXPECT_THAT(error_of({"train", "--config", "none.toml"}), HasSubstr("none.toml"));
  process.write("a.toml", "seed = 1\nsedd = 2\n");
  EXPECT_THAT(error_of({"train", "--config", "a.toml"}), HasSubstr("a.toml:2:1: unknown key 'sedd'"));
  process.write("b.toml", "seed = [\n");
  EXPECT_THAT(error_of({"train", "--config", "b.toml"}), HasSubstr("b.toml:"));
}

TEST_F(BadInput, UnknownTask) {
  EXPECT_THAT(error_of({"train", "--task", "dmc/cartpole-swingap"}),
              HasSubstr("swingap' (did you mean 'swingup'?)"));
  EXPECT_THAT(error_of({"train", "--task", "none.toml"}), HasSubstr("none.toml"));
}

TEST_F(BadInput, TaskFileAndModel) {
  process.write("hinge.toml", kTask);
  EXPECT_THAT(error_of({"train", "--task", "hinge.toml"}), HasSubstr("hinge.xml"));  // missing MJCF
  process.write("hinge.xml", "<mujoco><worldbody><body>");
  EXPECT_THAT(error_of({"train", "--task", "hinge.toml"}), HasSubstr("hinge.xml"));  // malformed MJCF
  process.write("hinge.xml", replaced(kModel, "type=\"hinge\"", "type=\"hunge\""));
  EXPECT_THAT(error_of({"collect", "--task", "hinge.toml", "--out", "data"}), HasSubstr("hunge"));
  process.write("hinge.xml", kModel);
  process.write("broken.toml", std::string(kTask) + "[reward\n");
  EXPECT_THAT(error_of({"train", "--task", "broken.toml"}), HasSubstr("broken.toml:"));  // malformed TOML
  process.write("key.toml", replaced(kTask, "episode_steps", "episode_stepps"));
  EXPECT_THAT(error_of({"train", "--task", "key.toml"}), HasSubstr("'episode_steps'"));
  EXPECT_EQ(process.run({"collect", "--task", "hinge.toml", "--episodes", "1", "--out", "data"}).status, 0);
}

// The engine aborts on the name of this unknown class, in a process of its own.
TEST_F(BadInput, ModelThatCrashesTheEngine) {
  process.write("hinge.xml", replaced(kModel, "<geom ", "<geom class=\"%s%n\" "));
  process.write("hinge.toml", kTask);
  EXPECT_THAT(error_of({"inspect", "hinge.xml"}), HasSubstr("hinge.xml: the engine crashed on it (signal 6"));
  EXPECT_THAT(error_of({"train", "--task", "hinge.toml"}), HasSubstr("the engine crashed on it"));
}

TEST_F(BadInput, FilesThatAreNoModelAndNoTask) {
  process.write("arm.mjb", "MJB");
  process.write("arm.zip", "PK\3\4");
  process.write("arm.urdf", kModel);
  EXPECT_THAT(error_of({"inspect", "arm.mjb"}), HasSubstr("arm.mjb: a compiled model (MJB)"));
  EXPECT_THAT(error_of({"inspect", "arm.zip", "--init"}), HasSubstr("unpack it first"));
  EXPECT_THAT(error_of({"inspect", "gone.urdf"}), HasSubstr("gone.urdf: no such file"));
  EXPECT_THAT(error_of({"train", "--task", "arm.urdf"}), HasSubstr("arm.urdf: not a task file (.toml)"));
  EXPECT_EQ(process.run({"inspect", "arm.urdf"}).status, 0);
}

TEST_F(BadInput, ModelWithoutActuators) {
  process.write(
      "hinge.xml",
      replaced(kModel,
               "<actuator><motor joint=\"hinge\" ctrllimited=\"true\" ctrlrange=\"-1 1\"/></actuator>", ""));
  process.write("hinge.toml", kTask);
  EXPECT_THAT(error_of({"train", "--task", "hinge.toml"}),
              HasSubstr("nothing to learn, the task has no actuators"));
}

TEST_F(BadInput, NoGpu) {
  const auto facts = nlohmann::json::parse(process.run({"doctor", "--json"}).out);
  if (!facts["learning"].get<std::string>().starts_with("cpu")) GTEST_SKIP() << "this machine has a GPU";
  EXPECT_THAT(error_of({"train", "device=cuda"}), HasSubstr("cuda"));
}

TEST_F(BadInput, NotARunDirectory) {
  process.write("folder/file", "");
  for (const std::string command : {"evaluate", "view"}) {
    EXPECT_THAT(error_of({command, "folder"}), HasSubstr("folder: not a run directory"));
  }
  EXPECT_THAT(error_of({"train", "--resume", "folder"}), HasSubstr("folder: not a run directory"));
  EXPECT_THAT(error_of({"evaluate", "none"}), HasSubstr("none: no such run directory"));
  EXPECT_THAT(error_of({"evaluate"}), HasSubstr("expected a run directory"));
  EXPECT_THAT(error_of({"collect", "--policy", "folder", "--out", "data"}),
              HasSubstr("folder: not a run directory"));
  EXPECT_THAT(error_of({"collect", "--policy", "expert", "--out", "data"}),
              AllOf(HasSubstr("policy 'expert': expected random, zero"),
                    HasSubstr(", a run directory or RUN@CHECKPOINT")));
}

TEST_F(BadInput, WhatIsThereIsNotOverwritten) {
  process.write("folder/file", "");
  EXPECT_THAT(error_of({"train", "--out", "folder"}), HasSubstr("folder: already there"));
  EXPECT_THAT(error_of({"collect", "--out", "folder"}), HasSubstr("folder: already there"));
}

}  // namespace
}  // namespace reverie::apps
