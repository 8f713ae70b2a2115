// The fields of a robot's mechanics say where its bodies are: against the engine's own forward kinematics.
#include <gtest/gtest.h>

#include "tests/sim/mechanics/mechanics_tasks.h"

namespace reverie::sim {
namespace {

// Every body's place and rotation in random states.
void expect_same_poses(const Task& task) {
  const mjModel* m = task.model();
  const contract::Mechanics& mechanics = *task.spec().mechanics;
  ASSERT_EQ(static_cast<int64_t>(mechanics.bodies.size()), m->nbody);
  ASSERT_EQ(static_cast<int64_t>(mechanics.joints.size()), m->njnt);
  const DataPtr data = make_data(m);
  for (uint64_t i = 0; i < 20; ++i) {
    contract::Rng rng(5, i, contract::Stream::kEvaluation);
    put_random_state(m, data.get(), rng);
    const Poses poses = forward_kinematics(mechanics, data->qpos);
    for (int b = 0; b < m->nbody; ++b) {
      double xmat[9];
      mju_quat2Mat(xmat, poses.orientation[b].data());
      const double *xpos = data->xpos + int64_t{3} * b, *wanted = data->xmat + int64_t{9} * b;
      for (int k = 0; k < 3; ++k) ASSERT_NEAR(poses.place[b][k], xpos[k], 1e-12) << mechanics.bodies[b].name;
      for (int k = 0; k < 9; ++k) ASSERT_NEAR(xmat[k], wanted[k], 1e-12) << mechanics.bodies[b].name;
    }
  }
}

TEST(MechanicalBodies, StandWhereTheEnginePutsThem) {
  for (const char* id :
       {"dmc/walker-walk", "dmc/humanoid-walk", "dmc/quadruped-walk", "dmc/manipulator-bring_ball"})
    expect_same_poses(*Task::load(id));
}

// Anchors away from the frame, oblique axes, references that are not 0, several joints in a body, and mocap bodies.
TEST(MechanicalBodies, StandWhereTheEnginePutsThemWithEveryKindOfJoint) {
  const auto task = load_with_model(R"(<mujoco><compiler angle="radian"/><worldbody>
    <body pos="1 2 3" quat="1 2 0 1"><joint type="ball" pos="0.1 0.2 -0.1"/><geom size="0.1"/>
      <body pos="0.3 0 0.1" euler="0.3 0.2 1"><joint name="s" type="slide" axis="1 2 3" ref="0.4"/>
        <joint name="h" axis="0 1 1" pos="0 0.2 0.5" ref="-0.7" range="-1 2"/><joint axis="1 0 0.2"/><geom size="0.1"/>
        <body pos="0 0 0.2" quat="0 1 1 0"><joint type="ball" pos="0 0 1"/><geom size="0.1"/></body></body></body>
    <body pos="0 0 5" quat="0 0 1 1"><freejoint/><geom size="0.1" pos="0.1 0 0"/>
      <body euler="1 0 0" pos="0 1 0"><geom size="0.1"/><body><joint axis="0 0 1" pos="1 0 0"/><geom size="0.1"/></body>
      </body></body>
    <body mocap="true" pos="3 0 0" quat="1 1 0 0"><body pos="1 0 0"><joint name="on mocap"/><geom size="0.1"/></body>
    </body></worldbody></mujoco>)");
  expect_same_poses(*task);
  const contract::Mechanics& mechanics = *task->spec().mechanics;
  EXPECT_EQ(mechanics.joints[1].type, contract::JointType::kSlide);
  EXPECT_EQ(mechanics.joints[1].reference, 0.4);
  EXPECT_FALSE(mechanics.joints[1].limited);
  EXPECT_TRUE(mechanics.joints[2].limited);
  EXPECT_EQ(mechanics.joints[2].low, -1.0);
  EXPECT_EQ(mechanics.joints[2].high, 2.0);
  EXPECT_EQ(mechanics.joints[2].name, "h");
  EXPECT_EQ(mechanics.joints[2].qvel, 4);
  EXPECT_EQ(mechanics.bodies[2].first_joint, 1);
  EXPECT_EQ(mechanics.bodies[2].joints, 3);
}

TEST(MechanicalJoints, HaveNoLimitsWhereTheEngineSwitchedThemOff) {
  const std::string body =
      "<worldbody><body><joint range=\"-1 1\" axis=\"0 1 0\"/><geom size=\"1\"/></body></worldbody></mujoco>";
  EXPECT_TRUE(load_with_model("<mujoco>" + body)->spec().mechanics->joints[0].limited);
  const std::string off = "<mujoco><option><flag limit=\"disable\"/></option>";
  EXPECT_FALSE(load_with_model(off + body)->spec().mechanics->joints[0].limited);
}

}  // namespace
}  // namespace reverie::sim
