// A robot that stands still is moved by the mouse, and both worlds go on from there.
#include "viewer/pose_drag.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "base/temporary_directory.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/fork_file.h"

namespace reverie::viewer {
namespace {

// An arm of two links in a plane, 0.5 m each, and a planar walker of one leg.
constexpr const char* kArm = R"(<mujoco><compiler autolimits="true" angle="radian"/><worldbody>
  <body name="upper"><joint name="shoulder" axis="0 1 0" range="-1.5 1.5"/>
    <geom type="capsule" fromto="0 0 0 0.5 0 0" size="0.02"/>
    <body name="lower" pos="0.5 0 0"><joint name="elbow" axis="0 1 0" range="-2 0.4"/>
      <geom type="capsule" fromto="0 0 0 0.5 0 0" size="0.02"/></body></body>
  <body name="trunk" pos="0 2 1"><joint name="x" type="slide" axis="1 0 0"/><joint name="z" type="slide" axis="0 0 1"/>
    <geom size="0.1"/>
    <body name="leg"><joint name="hip" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.02"/>
      <body name="foot" pos="0 0 -0.5"><geom size="0.05"/></body></body></body>
  <body name="cube" pos="0 4 1"><freejoint/><geom type="box" size="0.1 0.1 0.1"/></body>
  <body name="ball" pos="0 6 1"><joint name="ball" type="ball" range="0 0.5"/><geom size="0.1" pos="0.5 0 0"/></body>
  </worldbody><actuator><motor joint="shoulder"/><motor joint="hip"/></actuator></mujoco>)";

class PoseDrag : public ::testing::Test {
 protected:
  PoseDrag() { mj_forward(model.get(), data.get()); }

  int body(const char* name) const { return mj_name2id(model.get(), mjOBJ_BODY, name); }
  double& joint(const char* name) {
    return data->qpos[model->jnt_qposadr[mj_name2id(model.get(), mjOBJ_JOINT, name)]];
  }
  // The mouse holds a body at a place of its own frame.
  mjvPerturb hold(const char* name, std::array<double, 3> at, int bits = mjPERT_TRANSLATE) {
    mjvPerturb mouse;
    mjv_defaultPerturb(&mouse);
    mouse.select = body(name);
    std::ranges::copy(at, mouse.localpos);
    const auto at_body = static_cast<ptrdiff_t>(mouse.select);
    mju_mulMatVec3(mouse.refselpos, data->xmat + 9 * at_body, mouse.localpos);
    mju_addTo3(mouse.refselpos, data->xpos + 3 * at_body);
    mju_copy3(mouse.refpos, data->xipos + 3 * at_body);
    mju_mulQuat(mouse.refquat, data->xquat + 4 * at_body, model->body_iquat + 4 * at_body);
    mouse.active = bits;
    return mouse;
  }
  // How far the held point is from the mouse.
  double off(const mjvPerturb& mouse) {
    std::array<double, 3> at{};
    mju_mulMatVec3(at.data(), data->xmat + 9 * static_cast<ptrdiff_t>(mouse.select), mouse.localpos);
    mju_addTo3(at.data(), data->xpos + 3 * static_cast<ptrdiff_t>(mouse.select));
    return mju_dist3(at.data(), mouse.refselpos);
  }
  void drag(const mjvPerturb& mouse) { drag_pose(model.get(), data.get(), mouse); }

  sim::ModelPtr model = make_model();
  sim::DataPtr data = sim::make_data(model.get());

 private:
  static sim::ModelPtr make_model() {
    const base::TemporaryDirectory folder;
    base::write_file_atomic(folder.path() / "arm.xml", kArm);
    return sim::load_model(folder.path() / "arm.xml");
  }
};

TEST_F(PoseDrag, TheHandOfAnArmFollowsTheMouse) {
  joint("elbow") = -0.5;
  mj_forward(model.get(), data.get());
  mjvPerturb mouse = hold("lower", {0.5, 0, 0});
  EXPECT_LT(off(mouse), 1e-9);
  for (int i = 0; i < 20; ++i) {
    mouse.refselpos[0] -= 0.02;
    mouse.refselpos[2] -= 0.01;
    drag(mouse);
    EXPECT_LT(off(mouse), 1e-4) << i;
  }
  // Two links of 0.5 m: the law of cosines tells the elbow.
  const double reach = std::hypot(mouse.refselpos[0], mouse.refselpos[2]);
  EXPECT_NEAR(std::abs(joint("elbow")), M_PI - std::acos((0.5 - reach * reach) / 0.5), 1e-3);
}

TEST_F(PoseDrag, JointsStayInTheirRangesAndTheRestIsApproached) {
  mjvPerturb mouse = hold("lower", {0.5, 0, 0});
  for (int i = 0; i < 40; ++i) {  // far up and behind: the shoulder ends first
    mouse.refselpos[0] -= 0.1;
    mouse.refselpos[2] -= 0.1;
    drag(mouse);
    EXPECT_LE(std::abs(joint("shoulder")), 1.5);
    EXPECT_LE(joint("elbow"), 0.4);
    EXPECT_GE(joint("elbow"), -2);
  }
  EXPECT_EQ(joint("shoulder"), 1.5);
  EXPECT_GT(off(mouse), 1);
  EXPECT_EQ(joint("hip"), 0);  // another robot
}

TEST_F(PoseDrag, ALegBendsAndTheBaseStays) {
  mjvPerturb mouse = hold("foot", {0, 0, 0});
  mouse.refselpos[0] += 0.3;
  mouse.refselpos[2] += 0.1;  // 0.5 sin, 0.5 (1 - cos) of 0.6435
  drag(mouse);
  EXPECT_NEAR(joint("hip"), -0.6435, 1e-3);
  EXPECT_EQ(joint("x"), 0);
  EXPECT_EQ(joint("z"), 0);
}

TEST_F(PoseDrag, TheBaseMovesWhenItIsHeld) {
  mjvPerturb mouse = hold("trunk", {0, 0, 0});
  mouse.refselpos[0] += 0.3;
  mouse.refselpos[2] += 0.1;
  drag(mouse);
  EXPECT_NEAR(joint("x"), 0.3, 1e-4);
  EXPECT_NEAR(joint("z"), 0.1, 1e-4);
  EXPECT_EQ(joint("hip"), 0);
}

TEST_F(PoseDrag, AFreeBodyGoesWhereTheMouseGoes) {
  mjvPerturb mouse = hold("cube", {0.1, 0, 0});
  for (double* place : {mouse.refpos, mouse.refselpos}) place[1] -= 0.7;
  drag(mouse);
  EXPECT_NEAR(data->xpos[3 * static_cast<ptrdiff_t>(body("cube")) + 1], 3.3, 1e-9);
  EXPECT_LT(off(mouse), 1e-9);
}

TEST_F(PoseDrag, BodiesAreTurnedAsWell) {
  mjvPerturb mouse = hold("leg", {0, 0, 0}, mjPERT_ROTATE);
  const std::array<double, 3> y{0, 1, 0};
  std::array<double, 4> turn{}, turned{};
  mju_axisAngle2Quat(turn.data(), y.data(), 0.4);
  mju_mulQuat(turned.data(), turn.data(), mouse.refquat);
  std::ranges::copy(turned, mouse.refquat);
  drag(mouse);
  EXPECT_NEAR(joint("hip"), 0.4, 1e-4);

  mouse = hold("ball", {0.5, 0, 0}, mjPERT_ROTATE);
  mju_axisAngle2Quat(turn.data(), y.data(), 1.0);
  mju_mulQuat(turned.data(), turn.data(), mouse.refquat);
  std::ranges::copy(turned, mouse.refquat);
  drag(mouse);
  EXPECT_NEAR(2 * std::acos(joint("ball")), 0.5, 1e-6);  // the end of its range
}

class DraggedRobot : public ScriptTest {
 protected:
  const base::TemporaryDirectory folder;
};

// The pole stands at (0, 0.5) and is 1 m long: a drag of its end turns the hinge.
TEST_F(DraggedRobot, APausedDragOfABodyBeginsABranchInBothWorlds) {
  open(-9.81);
  EXPECT_EQ(play("key Space\n"
                 "double-click physics 0.5 0.59\n"
                 "expect view.selected == cart\n"
                 "expect selection.joint == 0\n"
                 "expect selection.high == 2\n"
                 "expect selection.low == -2\n"
                 "expect selection.y == 0\n"
                 "expect selection.z == 0.5\n"
                 "expect selection.moves == 0\n"
                 "drag physics 0.5 0.59 0.6 0.59 right Ctrl\n"
                 "expect fork.count == 2\n"
                 "expect fork.branch == 1\n"
                 "expect playback.paused == 1\n"
                 "expect selection.joint > 0.05\n"
                 "expect selection.joint < 2\n"
                 "expect pull.steps == 0\n"
                 "expect dream.error == 0\n"  // both stand at the same place
                 "expect view.camera == \"usual view\"\n"
                 "drag physics 0.6 0.59 0.98 0.59 right Ctrl\n"
                 "drag physics 0.05 0.59 0.98 0.59 right Ctrl\n"
                 "expect selection.joint == 2\n"  // the end of its range
                 "expect fork.count == 4\n"
                 "drag physics 0.98 0.59 0.98 0.59 right Ctrl\n"  // a click moves nothing
                 "expect fork.count == 4\n"
                 "key Space\nwait 0.5\nexpect dream.error == 0\n"),  // a perfect dream
            "");
  EXPECT_EQ(twin->branches()[1].parent, 0);
  EXPECT_EQ(twin->branches()[3].parent, 2);
}

TEST_F(DraggedRobot, APausedDragBendsAJointAtAnEarlierStepAndIsSavedBitByBit) {
  options.fork_file = folder.path() / "branches.json";
  open(-9.3);
  EXPECT_EQ(play("wait 0.4\nkey Space\n"
                 "set \"fork/Look back\" 7\n"
                 "expect fork.looked_at == 7\n"
                 "double-click physics 0.518 0.4\n"
                 "expect view.selected == pole\n"
                 "drag physics 0.518 0.4 0.578 0.42 right Ctrl\n"
                 "expect fork.count == 2\n"
                 "expect fork.from_step == 7\n"
                 "expect twin.steps == 7\n"
                 "expect selection.joint > 0.15\n"
                 "expect dream.error == 0\n"
                 "drag physics 0.5 0.5 0.46 0.5 right Ctrl\n"
                 "expect fork.count == 3\n"
                 "key Space\nwait 0.3\nkey Space\n"
                 "click \"fork/Save branches\"\n"),
            "");
  Twin again(test_parts(model.get(), -9.3));
  EXPECT_EQ(open_forks(again, options.fork_file), "3 branches, physics as it was saved");
  for (const int branch : {0, 1, 2}) {
    twin->walk_to(branch);
    again.walk_to(branch);
    EXPECT_EQ(again.recording().physics, twin->recording().physics);
    EXPECT_EQ(again.history().error, twin->history().error);
    EXPECT_EQ(again.timeline(branch).dream_positions, twin->timeline(branch).dream_positions);
    EXPECT_EQ(again.branches()[static_cast<size_t>(branch)].edit.state,
              twin->branches()[static_cast<size_t>(branch)].edit.state);
  }
}

TEST_F(DraggedRobot, WhileItIsHeldItIsShownAndTimeStandsStill) {
  open(-9.3);
  EXPECT_EQ(play("key Space\ndouble-click physics 0.5 0.59\n"), "");
  ImGuiIO& io = ImGui::GetIO();
  const Rect picture = stage->context().rect("physics");
  const auto at = [&](float x) {
    io.AddMousePosEvent(picture.position.x + x * picture.size.x, picture.position.y + 0.59f * picture.size.y);
    stage->frame(kFrame);
  };
  at(0.5f);
  io.AddKeyEvent(ImGuiMod_Ctrl, true);
  stage->frame(kFrame);
  io.AddMouseButtonEvent(1, true);
  for (const float x : {0.5f, 0.55f, 0.6f}) at(x);
  EXPECT_TRUE(stage->context().selection.moves);
  EXPECT_GT(stage->context().selection.joint, 0.05);
  EXPECT_EQ(twin->branches().size(), 1u);
  EXPECT_EQ(twin->physics().positions()[0], 0);
  io.AddKeyEvent(ImGuiKey_Space, true);  // time would go on
  stage->frame(kFrame);
  stage->frame(kFrame);
  io.AddKeyEvent(ImGuiKey_Space, false);
  stage->frame(kFrame);
  EXPECT_EQ(twin->steps(), 0);
  const double joint = stage->context().selection.joint;
  io.AddMouseButtonEvent(1, false);
  stage->frame(kFrame);
  stage->frame(kFrame);
  io.AddKeyEvent(ImGuiMod_Ctrl, false);
  stage->frame(kFrame);
  EXPECT_FALSE(stage->context().selection.moves);
  EXPECT_EQ(twin->branches().size(), 2u);
  EXPECT_EQ(twin->physics().positions()[0], static_cast<float>(joint));
}

TEST_F(DraggedRobot, TheOtherButtonTurnsWhatIsFree) {
  open(-9.81);
  EXPECT_EQ(play("key Space\n"
                 "double-click physics 0.203 0.65\n"
                 "expect view.selected == ball\n"
                 "drag physics 0.3 0.5 0.5 0.5 left Ctrl\n"
                 "expect fork.count == 2\n"
                 "expect selection.x < -1.19\n"
                 "expect selection.x > -1.21\n"
                 "expect dream.error == 0\n"),
            "");
  const auto q = twin->physics().positions().subspan(5, 4);  // of the ball
  EXPECT_GT(std::hypot(q[1], q[2], q[3]), 0.1f);
}

TEST_F(DraggedRobot, AMocapBodyCanBeMoved) {
  open(-9.3);
  EXPECT_EQ(play("key Space\nframes 1\n"), "");
  const auto& target = stage->context().bodies;
  const int body = static_cast<int>(std::ranges::find(target, "target") - target.begin());
  EXPECT_GT(body, 0);
  std::string found;
  for (double y = 0.05; y < 0.6 && found.empty(); y += 0.02) {
    for (double x = 0.5; x < 1 && found.empty(); x += 0.01) {
      session->context().grab = {.select = true, .x = x, .y = 1 - y, .aspect = 960.0 / 540};
      const Rect rect = stage->context().rect("physics");
      session->context().grab.aspect = rect.size.x / rect.size.y;
      stage->frame(0);
      if (stage->context().selected == body) found = std::to_string(x) + " " + std::to_string(y);
    }
  }
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(play("print selection.x\ndrag physics " + found +
                 " 0.5 0.5 right Ctrl\nexpect fork.count == 2\n"
                 "expect selection.x < 0.5\n"),
            "");
}

}  // namespace
}  // namespace reverie::viewer
