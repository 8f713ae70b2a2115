// Reset operations compose: each keeps what the ones before it set, and leaves whole orientations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cmath>
#include <sstream>

#include "base/error.h"
#include "sim/env.h"
#include "sim/physics_csv.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;

// A box that falls, a mocap body, a servo with a filter and one with a delay.
const char* const kModel = R"(<mujoco><compiler angle="radian"/><option timestep="0.005"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 0.1"/>
    <body name="box" pos="0 0 0.3"><freejoint name="box"/><geom name="box" type="box" size="0.1 0.1 0.1"/></body>
    <body name="eye" pos="3 0 2"><joint name="eye" type="ball"/><geom size="0.05" pos="0 0 0.1"/></body>
    <body name="post" pos="3 2 2"><joint name="turn" axis="0 0 1" damping="1"/><geom size="0.1" pos="0.2 0 0"/></body>
    <body name="goal" mocap="true" pos="5 5 5"/>
  </worldbody>
  <actuator>
    <intvelocity name="turn" joint="turn" kp="5" actrange="-2 2"/>
    <position name="late" joint="turn" kp="3" delay="0.02" nsample="6"/>
  </actuator>
  <keyframe>
    <key name="start" time="2" qpos="0 0 0.05 1 0 0 0  1 0 0 0  0.4" qvel="1 2 3 4 5 6  7 8 9  10" act="0.7"
         ctrl="0.5 0.6" mpos="1 2 3" mquat="0 1 0 0"/>
    <key name="no_direction" mquat="0 0 0 0"/>
  </keyframe>
</mujoco>)";

std::shared_ptr<const Task> load(const std::string& more) {
  const ScratchFolder folder;
  folder.write("box.xml", kModel);
  return Task::load(folder.write("box.toml",
                                 "schema = 1\nid = \"test/box\"\nmodel = \"box.xml\"\ncontrol_dt = 0.01\n"
                                 "[reward]\nexpr = '0'\n[[observation]]\nname = \"q\"\nexpr = 'qpos()'\n" +
                                     more));
}

std::string op(const std::string& text) { return "[[reset]]\nop = " + text + "\n"; }

const std::string kStart = op("\"keyframe\"\nname = \"start\"");

Env reset_with(const std::string& more) {
  Env env(load(more));
  env.reset(3, 0);
  return env;
}

// What reset() says when it refuses, "" when it does not.
std::string refusal(const std::string& more) {
  try {
    reset_with(more);
    return "";
  } catch (const base::UserError& error) {
    return error.what();
  }
}

double length(const double* quat) {
  return std::sqrt(quat[0] * quat[0] + quat[1] * quat[1] + quat[2] * quat[2] + quat[3] * quat[3]);
}

// Every operation after a keyframe: all that it does not name stays as the keyframe set it.
TEST(ResetCompose, EveryOperationKeepsWhatTheOnesBeforeSet) {
  const struct {
    std::string text;
    bool position, velocity, moved;  // changes qpos; changes qvel; runs physics
  } ops[] = {
      {"\"random_joints\"", true, false, false},
      {"\"joint_noise\"", true, false, false},
      {"\"uniform\"\njoints = \"turn\"\nlow = -1\nhigh = 1", true, false, false},
      {"\"normal\"\nfield = \"qvel\"\nstd = 1", false, true, false},
      {"\"set\"\njoints = \"turn\"\nvalue = 1", true, false, false},
      {"\"draw\"\nname = \"x\"\nlow = 0\nhigh = 1", false, false, false},
      {"\"random_quat\"", true, false, false},
      {"\"choice\"\ncases = [{ p = 1, ops = [{ op = \"random_joints\" }] }]", true, false, false},
      {"\"until\"\nwhen = 'qpos(\"turn\") > 0'\nops = [{ op = \"random_joints\" }]", true, false, false},
      {"\"lift_until_free\"", true, false, false},
      {"\"settle\"\nsteps = 5", true, true, true},
      {"\"forward\"", false, false, false},
  };
  Env before = reset_with(kStart);
  const mjModel* m = before.model();
  const mjData* a = before.data();
  EXPECT_EQ(a->time, 0.0) << "an episode begins at time 0, whatever the keyframe says";
  EXPECT_EQ(a->act[0], 0.7);
  for (const auto& [text, position, velocity, moved] : ops) {
    Env env = reset_with(kStart + op(text));
    const mjData* b = env.data();
    EXPECT_EQ(b->time, 0.0) << text;
    EXPECT_TRUE(std::equal(a->ctrl, a->ctrl + m->nu, b->ctrl)) << text;
    EXPECT_TRUE(std::equal(a->mocap_pos, a->mocap_pos + 3, b->mocap_pos)) << text;
    EXPECT_TRUE(std::equal(a->mocap_quat, a->mocap_quat + 4, b->mocap_quat)) << text;
    EXPECT_EQ(std::equal(a->qpos, a->qpos + m->nq, b->qpos), !position) << text;
    EXPECT_EQ(std::equal(a->qvel, a->qvel + m->nv, b->qvel), !velocity) << text;
    if (!moved) {
      EXPECT_EQ(a->act[0], b->act[0]) << text;
    }
  }
}

TEST(ResetCompose, ALiftKeepsTheRestOfTheState) {
  Env env = reset_with(kStart + op("\"lift_until_free\"\nstart = 0.05"));
  const mjData* d = env.data();
  EXPECT_GT(d->qpos[2], 0.09);
  EXPECT_EQ(d->qpos[11], 0.4);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(d->qvel[i], i + 1.0);
  EXPECT_EQ(d->act[0], 0.7);
  EXPECT_EQ(d->ctrl[1], 0.6);
}

// Delay lines run on the clock: they must not hold times of the future.
TEST(ResetCompose, AfterSettlingDelayedControlsArriveInTime) {
  const auto arrival = [](const std::string& more) {
    Env env = reset_with(more);
    const std::vector<float> action = {0.0f, 1.0f};
    for (int t = 1; t <= 20; ++t) {
      env.step(action);
      if (env.data()->actuator_force[1] > 1.0) return t;
    }
    return 0;
  };
  const int undisturbed = arrival("");
  EXPECT_GT(undisturbed, 1);
  EXPECT_EQ(arrival(op("\"settle\"\nsteps = 40")), undisturbed);
  EXPECT_EQ(arrival(op("\"settle\"\nsteps = 7") + kStart + op("\"set\"\nfield = \"qvel\"\nvalue = 0")),
            undisturbed);
}

TEST(ResetCompose, OrientationsAreOfUnitLength) {
  for (const char* text : {
           "\"uniform\"\nadd = true\nlow = -0.3\nhigh = 0.3",
           "\"normal\"\nmean = 0\nstd = 2",
           "\"set\"\njoints = \"eye\"\nvalue = '[0, 3, 0, 4]'",
           "\"set\"\njoints = \"box\"\nvalue = '[0, 0, 1, 2, 0, 0, 0]'",
           "\"set\"\nfield = \"mocap_quat\"\nbody = \"goal\"\nvalue = '[0, 0, 0, 2]'",
           "\"normal\"\nfield = \"mocap_quat\"\nbody = \"goal\"\nstd = 3",
       }) {
    for (const std::string& after : {std::string(), op("\"settle\"\nsteps = 1"), op("\"lift_until_free\"")}) {
      Env env = reset_with(op(text) + after);
      EXPECT_NEAR(length(env.data()->qpos + 3), 1.0, 1e-12) << text;
      EXPECT_NEAR(length(env.data()->qpos + 7), 1.0, 1e-12) << text;
      EXPECT_NEAR(length(env.data()->mocap_quat), 1.0, 1e-12) << text;
    }
  }
}

// The numbers of a quaternion may come one by one: nothing is brought to length 1 in between.
TEST(ResetCompose, AnOrientationMayBeSetNumberByNumber) {
  Env env = reset_with(op("\"set\"\njoints = \"eye\"\nindex = 0\nvalue = 3") +
                       op("\"set\"\njoints = \"eye\"\nindex = 3\nvalue = 4"));
  EXPECT_DOUBLE_EQ(env.data()->qpos[7], 0.6);
  EXPECT_DOUBLE_EQ(env.data()->qpos[10], 0.8);
}

TEST(ResetCompose, AnOrientationOfLengthZeroIsRefusedByName) {
  EXPECT_THAT(refusal(op("\"set\"\njoints = \"eye\"\nvalue = 0")),
              HasSubstr("reset: joint 'eye': expected an orientation (a quaternion), found 0 0 0 0"));
  EXPECT_THAT(refusal(op("\"uniform\"\njoints = \"box\"\nlow = 0\nhigh = 0") + op("\"settle\"")),
              HasSubstr("reset: joint 'box': expected an orientation"));
  EXPECT_THAT(refusal(op("\"keyframe\"\nname = \"no_direction\"")),
              HasSubstr("reset: body 'goal': expected an orientation"));
  EXPECT_EQ(refusal(kStart), "");
}

TEST(ResetCompose, ReferenceOrientationsOfTheModelAreOfUnitLengthToo) {
  const std::string one = "[[override]]\nfield = \"qpos0\"\nnames = \"eye\"\n";
  EXPECT_NEAR(length(load(one + "value = [2, 0, 0, 2]\n")->model()->qpos0 + 7), 1.0, 1e-12);
  const auto bad = [&] { load(one + "value = 0\n"); };
  EXPECT_THROW(
      {
        try {
          bad();
        } catch (const base::UserError& error) {
          EXPECT_THAT(error.what(), HasSubstr("override of qpos0: joint 'eye': expected an orientation"));
          throw;
        }
      },
      base::UserError);
  Env env(
      load("[[event]]\nop = \"randomize\"\nfield = \"qpos0\"\nnames = \"eye\"\nindex = 2\nmode = \"set\"\n"
           "low = 0.5\nhigh = 2\n"));
  env.reset(1, 5);
  const std::vector<double> first(env.data()->qpos + 7, env.data()->qpos + 11);
  EXPECT_NEAR(length(first.data()), 1.0, 1e-12);
  for (const uint64_t other : {6, 7, 5}) env.reset(1, other);
  EXPECT_EQ(std::vector<double>(env.data()->qpos + 7, env.data()->qpos + 11), first)
      << "an episode depends on those before it";
}

TEST(ResetCompose, FirstStatesOfATableAreOrientedToo) {
  const auto step = [](const std::string& eye, const std::string& goal) {
    std::string header = "reset,ctrl_0,ctrl_1,act_0", row = "1,0,0,0";
    for (int i = 0; i < 12; ++i) header += ",qpos_" + std::to_string(i);
    for (int i = 0; i < 10; ++i) header += ",qvel_" + std::to_string(i);
    header += ",mocap_goal_qw,mocap_goal_qx,mocap_goal_qy,mocap_goal_qz";
    row += ",0,0,1,1,0,0,0," + eye + ",0,0,0,0,0,0,0,0,0,0,0," + goal;
    std::istringstream input(header + "\n" + row + "\n");
    std::ostringstream output;
    step_csv(load(""), input, "in.csv", output);
    return output.str();
  };
  const auto refused = [&](const std::string& eye, const std::string& goal) -> std::string {
    try {
      step(eye, goal);
      return "";
    } catch (const base::UserError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(step("3,0,0,0", "1,0,0,0"), step("1,0,0,0", "1,0,0,0"));
  EXPECT_EQ(refused("1,0,0,0", "0,0,0,5"), "");
  EXPECT_THAT(refused("0,0,0,0", "1,0,0,0"), HasSubstr("in.csv:2: joint 'eye': expected an orientation"));
  EXPECT_THAT(refused("1,0,0,0", "0,0,0,0"), HasSubstr("in.csv:2: body 'goal': expected an orientation"));
}

}  // namespace
}  // namespace reverie::sim
