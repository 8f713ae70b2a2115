// The task file that is written for a model without one: it loads, it holds, and it knows the robot.
#include "sim/inspect/first_task.h"

#include <gmock/gmock.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "sim/env.h"
#include "sim/task/task.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A first task in a folder of its own.
struct Written {
  ScratchFolder folder;
  ModelFacts facts;
  FirstTask first;
  std::string text;
  std::shared_ptr<const Task> task;

  explicit Written(const std::string& model) {
    facts = inspect_model(folder.write("robot.xml", model));
    const std::filesystem::path out = folder.path() / "robot.toml";
    first = write_first_task(facts, "robot", "robot.xml", out);
    text = base::read_file(out);
    task = Task::load(out.string());
  }
};

// An arm of one hinge and what else is in the scene.
std::string arm_with(const std::string& more, const std::string& option = "timestep=\"0.002\"") {
  return "<mujoco><compiler angle=\"radian\"/><option " + option +
         "/><worldbody><geom name=\"floor\" type=\"plane\" size=\"5 5 .1\"/><body name=\"arm\" pos=\"0 0 1\">"
         "<joint name=\"lift\" axis=\"0 1 0\" range=\"-2 2\" damping=\"1\"/>"
         "<geom type=\"capsule\" fromto=\"0 0 0 .3 0 0\" size=\".03\" mass=\"1\"/></body>" +
         more;
}

const char* const kServo =
    "<actuator><position name=\"lift\" joint=\"lift\" kp=\"20\" kv=\"1\" ctrlrange=\"-2 "
    "2\"/></actuator></mujoco>";

TEST(FirstTask, NoneWhereNothingMoves) {
  const ScratchFolder folder;
  for (const char* body : {"<geom size=\"1\"/>", "<body name=\"goal\" mocap=\"true\"/>"}) {
    const ModelFacts facts = inspect_model(
        folder.write("rock.xml", std::string("<mujoco><worldbody>") + body + "</worldbody></mujoco>"));
    const std::filesystem::path out = folder.path() / "rock.toml";
    EXPECT_THROW(write_first_task(facts, "x", "rock.xml", out), base::UserError);
    EXPECT_FALSE(std::filesystem::exists(out));
  }
}

// The first task of every kind of model loads, and an episode of it runs.
TEST(FirstTask, RunsAtOnce) {
  std::string no_actuators = kArmModel;
  no_actuators.erase(no_actuators.find("  <actuator>"),
                     no_actuators.find("</actuator>") + 12 - no_actuators.find("  <actuator>"));
  no_actuators.erase(no_actuators.find("ctrl=\"0 0.2 0\""), 14);
  const std::string floating =
      "<mujoco><worldbody><geom type=\"plane\" size=\"1 1 1\"/><body name=\"b\" pos=\"0 0 "
      "1\"><freejoint/><geom size=\".1\"/>"
      "<body><joint name=\"j\" axis=\"0 1 0\"/><geom type=\"capsule\" size=\".05 .1\" pos=\"0 0 "
      ".3\"/></body></body></worldbody></mujoco>";
  const std::string nameless =
      "<mujoco><worldbody><body><joint axis=\"0 1 0\"/><geom size=\".1\" pos=\".2 0 "
      "0\"/></body></worldbody></mujoco>";
  const std::string balls =
      "<mujoco><worldbody><body pos=\"0 0 1\"><joint type=\"ball\"/><geom size=\".1\" pos=\".2 0 "
      "0\"/></body></worldbody></mujoco>";
  for (const std::string& model : {std::string(kArmModel), no_actuators, floating, nameless, balls}) {
    const Written written(model);
    Env env(written.task);
    env.reset(0, 0);
    for (int t = 0; t < 20; ++t)
      EXPECT_FALSE(env.step(std::vector<float>(written.task->spec().action_dim, 0.1f)).diverged)
          << written.text;
    EXPECT_THAT(describe_task(*written.task), HasSubstr("reward terms"));
    EXPECT_TRUE(written.first.works());
  }
}

TEST(FirstTask, IsAcceptedWhateverTheTimestep) {
  for (const char* timestep : {"0.0041666667", "0.00416666666666667", "0.016666667", "0.0005555556",
                               "0.0333333", "0.00002", "0.3"}) {
    const Written written(arm_with("</worldbody>", std::string("timestep=\"") + timestep + "\"") + kServo);
    const double period = written.task->spec().control_dt;
    EXPECT_NEAR(period, std::max(0.02, std::stod(timestep)), std::stod(timestep) > 0.01 ? 0.015 : 0.01);
  }
}

TEST(FirstTask, ALooseObjectIsNoRobot) {
  const Written written(
      arm_with("<body name=\"cube\" pos=\".5 0 .1\"><freejoint/><geom size=\".05\"/></body></worldbody>") +
      kServo);
  EXPECT_THAT(written.facts.objects, ElementsAre("cube"));
  ASSERT_EQ(written.facts.robots.size(), 1u);
  EXPECT_EQ(written.facts.robots[0].body, "arm");
  EXPECT_EQ(written.task->spec().observation_dim, 8 + 7);
  EXPECT_FALSE(written.task->spec().has_termination);
  EXPECT_THAT(written.text, Not(HasSubstr("cube")));
}

// Pulled by a tendon at a site, pushed by a thruster, held by adhesion: robots, all three.
TEST(FirstTask, KnowsRobotsByWhateverDrivesThem) {
  const std::string body = "<freejoint/><geom size=\".05\" mass=\"1\"/><site name=\"";
  const Written written(
      arm_with("<site name=\"hook\" pos=\"0 0 3\"/><body name=\"puppet\" pos=\"1 0 1\">" + body +
               "p\"/></body>" + "<body name=\"drone\" pos=\"2 0 1\">" + body + "d\"/></body>" +
               "<body name=\"gecko\" pos=\"3 0 1\">" + body + "g\"/></body>" +
               "<body name=\"ball\" pos=\"4 0 1\">" + body + "b\"/></body></worldbody>") +
      "<tendon><spatial name=\"string\"><site site=\"hook\"/><site site=\"p\"/></spatial></tendon><actuator>"
      "<motor tendon=\"string\"/><general site=\"d\" gear=\"0 0 1 0 0 0\"/>"
      "<adhesion body=\"gecko\" ctrlrange=\"0 1\"/></actuator></mujoco>");
  std::vector<std::string> robots;
  for (const RobotFacts& robot : written.facts.robots) robots.push_back(robot.body);
  EXPECT_THAT(robots, ElementsAre("puppet", "drone", "gecko"));
  EXPECT_THAT(written.facts.objects, ElementsAre("arm", "ball"));
  EXPECT_THAT(written.text, HasSubstr("(1 + mean([xmat(\"puppet\").zz, xmat(\"drone\").zz"));
}

// A trunk whose own z axis does not point up would have lain on its side from the first step on.
TEST(FirstTask, UprightIsTheStartsPose) {
  const Written written(
      "<mujoco><worldbody><body name=\"trunk\" pos=\"0 0 1\" quat=\"1 1 0 0\"><freejoint/><geom size=\".1\"/>"
      "<body><joint name=\"hip\" axis=\"0 0 1\"/><geom size=\".05\" pos=\".2 0 "
      "0\"/></body></body></worldbody>"
      "<actuator><motor joint=\"hip\" ctrlrange=\"-1 1\"/></actuator></mujoco>");
  Env env(written.task);
  env.reset(0, 0);
  const StepResult step = env.step(std::vector<float>{0.0f});
  EXPECT_FALSE(step.terminated);
  EXPECT_GT(step.reward, 0.9);
}

TEST(FirstTask, StartsInsideEveryRange) {
  const Written written(
      arm_with(
          "<body name=\"base\" pos=\"2 0 1\"><joint name=\"wrist\" axis=\"0 1 0\" range=\"0.82 5.46\"/>"
          "<geom size=\".05\" pos=\".1 0 0\"/><body><joint name=\"finger\" type=\"slide\" range=\"0 0.03\"/>"
          "<geom size=\".01\"/></body></body></worldbody>") +
      kServo);
  ASSERT_EQ(written.facts.outside.size(), 1u);
  EXPECT_EQ(written.facts.outside[0], "wrist (0 in the reference pose, range [0.82, 5.46])");
  Env env(written.task);
  for (uint64_t i = 0; i < 20; ++i) {
    env.reset(0, i);
    EXPECT_GE(env.data()->qpos[1], 0.82);
    EXPECT_GE(env.data()->qpos[2], 0.0);
    EXPECT_LE(env.data()->qpos[2], 0.03);
  }
}

TEST(FirstTask, StartsInTheKeyframeThatIsMeantForIt) {
  const auto start_of = [](const std::string& keys) {
    const std::string servo = kServo;
    const Written written(arm_with("</worldbody>") + servo.substr(0, servo.find("</mujoco>")) + "<keyframe>" +
                          keys + "</keyframe></mujoco>");
    Env env(written.task);
    env.reset(0, 0);
    EXPECT_EQ(env.data()->ctrl[0], 0.5);
    return std::round(10 * env.data()->qpos[0]) / 10;
  };
  EXPECT_EQ(start_of("<key qpos=\"1.5\" ctrl=\"0.5\"/><key qpos=\"1\"/>"), 1.5);
  EXPECT_EQ(start_of("<key name=\"low\" qpos=\"-1\"/><key name=\"Home\" qpos=\"0.8\" ctrl=\"0.5\"/>"), 0.8);
  EXPECT_EQ(start_of("<key name=\"stand\" qpos=\"-1\" ctrl=\"0.5\"/><key qpos=\"0.8\"/>"), -1.0);
}

TEST(FirstTask, EffortCountsSharesOfTheRanges) {
  const Written written(arm_with("</worldbody>") +
                        "<actuator><motor joint=\"lift\"/><general joint=\"lift\" ctrlrange=\"0 255\" "
                        "gainprm=\"0.01\"/><position joint=\"lift\" kp=\"5\"/></actuator></mujoco>");
  EXPECT_THAT(written.task->spec().action_high, ElementsAre(1.0f, 1.0f, 1.0f));
  Env env(written.task);
  env.reset(0, 0);
  env.step(std::vector<float>(3, 1.0f));
  EXPECT_EQ(env.data()->ctrl[0], 1.0);
  EXPECT_EQ(env.data()->ctrl[1], 255.0);
  EXPECT_EQ(env.data()->ctrl[2], 2.0);  // the servo's joint
  EXPECT_NEAR(env.reward_terms()[1], -0.01, 1e-12);
}

TEST(FirstTask, NamesMayHoldQuotesAndLineBreaks) {
  std::string model =
      arm_with("</worldbody>") + "<sensor><jointpos name='s\"1' joint='lift'/></sensor></mujoco>";
  for (const std::string name : {"a &quot;b&quot;", "it's &quot;c&quot;", "back\\slash", "two&#10;lines"}) {
    std::string named = model;
    for (size_t at = named.find("lift"); at != std::string::npos; at = named.find("lift", at + name.size()))
      named.replace(at, 4, name);
    named.replace(named.find("'" + name + "'"), name.size() + 2, "\"" + name + "\"");
    const Written written(named);
    EXPECT_EQ(written.task->spec().action_dim, 1) << written.text;
  }
}

TEST(FirstTask, AJointThatFollowsGetsNoServo) {
  const Written written(arm_with(
      "<body name=\"b\" pos=\"1 0 1\"><joint name=\"twin\" axis=\"0 1 0\"/><geom size=\".05\" pos=\".1 0 "
      "0\"/></body></worldbody><equality><joint joint1=\"twin\" joint2=\"lift\"/></equality></mujoco>"));
  EXPECT_EQ(written.task->spec().action_dim, 1);
}

// A motor far too strong for its physics step.
std::string strong_arm(double gear) {
  return arm_with(
             "<body name=\"whip\" pos=\"0 0 3\"><joint name=\"whip\" axis=\"0 1 0\"/><geom type=\"capsule\" "
             "fromto=\"0 0 0 0 0 -.4\" size=\".01\" mass=\".5\"/><body pos=\"0 0 -.4\"><joint axis=\"0 1 "
             "0\"/><geom type=\"capsule\" fromto=\"0 0 0 0 0 -.2\" size=\".005\" mass=\".2\"/></body></body>"
             "</worldbody>",
             "timestep=\"0.01\"") +
         "<actuator><motor joint=\"whip\" gear=\"" + std::to_string(gear) +
         "\" ctrlrange=\"0 100\"/></actuator></mujoco>";
}

TEST(FirstTask, TakesSmallerControlsFromWhereTheModelRests) {
  const Written written(strong_arm(4.0));
  ASSERT_TRUE(written.first.works()) << written.text;
  EXPECT_LT(written.first.settings.controls, 1.0);
  EXPECT_EQ(written.task->spec().action_low[0], -1.0f);  // ctrl 0, not the middle of 0..100
  EXPECT_THAT(written.text, HasSubstr("non-finite"));
}

TEST(FirstTask, SaysWhenNothingHelps) {
  const Written written(strong_arm(1e12));
  EXPECT_FALSE(written.first.works());
  EXPECT_GT(written.first.after.diverged, 0);
  EXPECT_THAT(written.first.after.warning, HasSubstr("unstable"));
  EXPECT_THAT(written.text, HasSubstr("# Careful: no settings were found"));
}

}  // namespace
}  // namespace reverie::sim
