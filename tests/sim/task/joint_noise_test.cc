// The reset operation joint_noise: joints of every size start near their pose and inside their range.
#include <gmock/gmock.h>
#include <mujoco/mujoco.h>

#include <cmath>

#include "sim/env.h"
#include "sim/task/task.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

// A turn without a range, a lift whose range leaves out 0, two coupled fingers of 3 cm, and a closed chain.
constexpr const char* kHand = R"(<mujoco>
  <compiler angle="radian"/>
  <worldbody>
    <body name="turn"><joint name="turn" axis="0 0 1"/><geom size="0.1"/>
      <body name="lift"><joint name="lift" axis="0 1 0" range="0.8 5.4"/><geom size="0.1" pos="0.2 0 0"/>
        <body name="a"><joint name="a" type="slide" axis="0 1 0" range="0 0.03"/><geom size="0.01"/></body>
        <body name="b"><joint name="b" type="slide" axis="0 1 0" range="0 0.05"/><geom size="0.01"/></body>
      </body>
    </body>
    <body name="crank" pos="3 0 0"><joint name="crank" axis="0 1 0"/><geom size="0.1" pos="0.1 0 0"/></body>
  </worldbody>
  <equality>
    <joint joint1="b" joint2="a" polycoef="0.01 1.5 0 0 0"/>
    <connect body1="crank" body2="world" anchor="0.1 0 0"/>
  </equality>
</mujoco>
)";

std::shared_ptr<const Task> load_hand(const std::string& arguments) {
  const ScratchFolder folder;
  folder.write("hand.xml", kHand);
  return Task::load(folder.write(
      "hand.toml",
      "schema = 1\nid = \"test/hand\"\nmodel = \"hand.xml\"\ncontrol_dt = 0.02\n[reward]\nexpr = "
      "'0'\n[[observation]]\nname = \"x\"\nexpr = 'qpos()'\n[[reset]]\nop = \"joint_noise\"\n" +
          arguments));
}

TEST(JointNoise, StartsEveryJointInsideItsRangeAndKeepsTies) {
  Env env(load_hand(""));
  double widest = 0.0;
  for (uint64_t i = 0; i < 100; ++i) {
    env.reset(0, i);
    const double* q = env.data()->qpos;
    widest = std::max(widest, std::abs(q[0]));
    EXPECT_LE(std::abs(q[0]), 0.05);
    EXPECT_GE(q[1], 0.8);
    EXPECT_LE(q[1], 0.85);
    EXPECT_GE(q[2], 0.0);
    EXPECT_LE(q[2], 0.02 * 0.03 + 1e-12);
    EXPECT_NEAR(q[3], 0.01 + 1.5 * q[2], 1e-12);
    EXPECT_EQ(q[4], 0.0);  // the crank is held by its connect
  }
  EXPECT_GT(widest, 0.04);
}

TEST(JointNoise, TakesTheWidthsItIsGiven) {
  Env env(load_hand("joints = [\"turn\", \"a\"]\nshare = 1\nmost = 2\n"));
  double turn = 0.0, finger = 0.0;
  for (uint64_t i = 0; i < 100; ++i) {
    env.reset(0, i);
    turn = std::max(turn, std::abs(env.data()->qpos[0]));
    finger = std::max(finger, env.data()->qpos[2]);
    EXPECT_EQ(env.data()->qpos[1], 0.0);
    EXPECT_LE(env.data()->qpos[3], 0.05 + 1e-9);  // the follower's range holds, too
  }
  EXPECT_GT(turn, 1.8);
  EXPECT_GT(finger, 0.02);
}

TEST(JointNoise, WithoutWidthOnlyBringsJointsInsideTheirRange) {
  Env env(load_hand("share = 0\nmost = 0\n"));
  env.reset(0, 0);
  EXPECT_EQ(env.data()->qpos[0], 0.0);
  EXPECT_EQ(env.data()->qpos[1], 0.8);
}

TEST(JointNoise, RefusesNegativeWidths) {
  EXPECT_THAT(load_error(arm_task("[[reset]]\nop = \"joint_noise\"\nshare = -1\n")),
              testing::HasSubstr("joint_noise.share: expected at least 0"));
}

}  // namespace
}  // namespace reverie::sim
