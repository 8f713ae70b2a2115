// Keyframes by name and by number, in resets, action maps and expressions.
#include <gmock/gmock.h>
#include <mujoco/mujoco.h>

#include "base/error.h"
#include "sim/env.h"
#include "sim/task/task.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;

// Three keys, of which the second is called "0" and the others have no name.
constexpr const char* kLift = R"(<mujoco>
  <worldbody>
    <body name="cart"><joint name="x" type="slide" axis="1 0 0"/><geom size="0.1"/></body>
    <body name="goal" mocap="true"/>
  </worldbody>
  <actuator><general name="pull" joint="x" dyntype="filter" dynprm="0.1"/></actuator>
  <keyframe>
    <key qpos="0.1" qvel="1" act="0.2" ctrl="0.3" mpos="4 5 6"/>
    <key name="0" qpos="0.7"/>
    <key qpos="0.9"/>
  </keyframe>
</mujoco>
)";

std::string lift_task(const std::string& more) {
  return "schema = 1\nid = \"test/lift\"\nmodel = \"lift.xml\"\ncontrol_dt = 0.02\n[reward]\nexpr = '0'\n"
         "[[observation]]\nname = \"x\"\nexpr = 'qpos()'\n" +
         more;
}

std::shared_ptr<const Task> load_lift(const std::string& more) {
  const ScratchFolder folder;
  folder.write("lift.xml", kLift);
  return Task::load(folder.write("lift.toml", lift_task(more)));
}

double start_with(const std::string& name) {
  Env env(load_lift("[[reset]]\nop = \"keyframe\"\nname = " + name + "\n"));
  env.reset(0, 0);
  return env.data()->qpos[0];
}

std::string error_with(const std::string& name) {
  try {
    load_lift("[[reset]]\nop = \"keyframe\"\nname = " + name + "\n");
    return "";
  } catch (const base::UserError& error) {
    return error.what();
  }
}

TEST(Keyframes, GoByNumberWhereTheyHaveNoName) {
  EXPECT_EQ(start_with("0"), 0.1);
  EXPECT_EQ(start_with("2"), 0.9);
  EXPECT_EQ(start_with("\"2\""), 0.9);
}

TEST(Keyframes, ANameWinsOverANumberInQuotes) { EXPECT_EQ(start_with("\"0\""), 0.7); }

TEST(Keyframes, BringVelocityActivationControlAndMocapPose) {
  Env env(load_lift("[[reset]]\nop = \"keyframe\"\nname = 0\n"));
  env.reset(0, 0);
  EXPECT_EQ(env.data()->qvel[0], 1.0);
  EXPECT_EQ(env.data()->act[0], 0.2);
  EXPECT_EQ(env.data()->ctrl[0], 0.3);
  EXPECT_EQ(env.data()->mocap_pos[2], 6.0);
}

TEST(Keyframes, AWrongNumberIsToldHowManyThereAre) {
  EXPECT_THAT(error_with("3"), HasSubstr("the model has no keyframe 3; they are 0 to 2"));
  EXPECT_THAT(error_with("-1"), HasSubstr("no keyframe -1"));
  EXPECT_THAT(error_with("\"up\""), HasSubstr("no keyframe 'up'; a number from 0 to 2 names one too"));
  EXPECT_THAT(error_with("\"\""), HasSubstr("no keyframe ''"));
  EXPECT_THAT(error_with("0.5"), HasSubstr("expected a keyframe's name or number, found a number"));
}

TEST(Keyframes, AreNamedAlikeByActionMapsAndExpressions) {
  Env env(
      load_lift("[action]\nmap = \"joint_position\"\ndefault = 2\nscale = 0.5\n"
                "[signals]\nhome = 'key_qpos(0)'\nsame = 'key_qpos(\"2\", \"x\")'\n"));
  env.reset(0, 0);
  EXPECT_EQ(env.signals()[0], 0.1);
  EXPECT_EQ(env.signals()[1], 0.9);
  const std::vector<float> action = {1.0f};
  env.step(action);
  EXPECT_EQ(env.data()->ctrl[0], 1.4);
}

}  // namespace
}  // namespace reverie::sim
