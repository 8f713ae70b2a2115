// Driving by scripts: pushes, the dream alone, and what physics would have done.
#include "viewer/drive.h"

#include <gmock/gmock.h>

#include "tests/viewer/script_fixture.h"

namespace reverie::viewer {
namespace {

using ::testing::Each;

class DriveTest : public ScriptTest {
 protected:
  void open_driven(double dream_gravity) {
    options.drive = {
        {.name = "slide", .more = "D", .less = "A", .stick = "left_x", .mouse = "x", .actions = {0.5}}};
    open(dream_gravity);
  }
};

TEST_F(DriveTest, KeysSticksAndMousePushTheAction) {
  open_driven(-9.3);
  EXPECT_EQ(play("click \"drive/you drive\"\n"
                 "click \"drive/the policy acts as well\"\n"
                 "wait 0.1\n"
                 "expect twin.action == 0\n"
                 "expect drive.push == 0\n"
                 "hold D 0.1\n"
                 "expect twin.action == 0.5\n"
                 "hold A 0.1\n"
                 "expect twin.action == -0.5\n"
                 "hold GamepadLStickRight 0.1\n"
                 "expect twin.action == 0.5\n"
                 "wait 0.1\n"
                 "expect twin.action == 0\n"
                 "expect dream.anchors == 0\n"  // A drives and does not anchor
                 "click \"drive/you drive\"\n"
                 "key A\n"
                 "expect dream.anchors == 1\n"),
            "");
}

TEST_F(DriveTest, ThePushIsAddedToThePolicysActionWithinItsRange) {
  open_driven(-9.81);
  EXPECT_EQ(play("click \"drive/you drive\"\nkey Space\nhold D 0\n"), "");
  session->context().playback.paused = true;
  Twin alone(test_parts(model.get(), -9.81));
  alone.step();
  twin->steering = {.driven = true, .push = {0.5f}};
  twin->step();
  EXPECT_FLOAT_EQ(twin->history().actions.back(), alone.history().actions.back() + 0.5f);
  twin->steering.push = {5.0f};
  twin->step();
  EXPECT_EQ(twin->history().actions.back(), 1.0f);
}

TEST_F(DriveTest, ADragWithAltPushes) {
  open_driven(-9.3);
  twin->steering = {};
  EXPECT_EQ(play("click \"drive/you drive\"\nclick \"drive/the policy acts as well\"\n"), "");
  ImGuiIO& io = ImGui::GetIO();
  const Rect dream = session->context().rect("dream");
  io.AddKeyEvent(ImGuiMod_Alt, true);
  io.AddMousePosEvent(dream.position.x + 50, dream.position.y + 50);
  session->frame(0);
  io.AddMouseButtonEvent(0, true);
  session->frame(0);
  io.AddMousePosEvent(dream.position.x + 50 + dream.size.y / 8, dream.position.y + 50);
  session->frame(0);
  session->frame(kFrame);
  session->frame(kFrame);
  EXPECT_NEAR(twin->history().actions.back(), 0.25, 0.02);  // half of a full push
  io.AddMouseButtonEvent(0, false);
  io.AddKeyEvent(ImGuiMod_Alt, false);
  session->frame(0);
  session->frame(0);
  session->frame(kFrame);
  session->frame(kFrame);
  EXPECT_EQ(twin->history().actions.back(), 0.0f);
}

TEST_F(DriveTest, TheDreamStepsAloneAndPhysicsShowsWhatWouldHaveHappened) {
  open_driven(-9.3);
  EXPECT_EQ(play("click \"drive/you drive\"\n"
                 "click \"drive/physics runs\"\n"
                 "hold D 0.5\n"
                 "hold A 0.5\n"
                 "expect twin.steps == 50\n"
                 "expect physics.behind == 50\n"
                 "expect physics.return == 1e-9\n"),
            "test.script:7: expected physics.return == 1e-9, found 0");
  const std::vector<float> actions = twin->history().actions;
  EXPECT_EQ(twin->history().error.size(), 1u);
  EXPECT_EQ(play("click \"time/Pause\"\n"
                 "click \"drive/physics runs\"\n"
                 "until physics.behind == 0 1\n"
                 "expect twin.steps == 50\n"
                 "expect dream.error > 0\n"),
            "");
  Twin same(test_parts(model.get(), -9.3));  // the same actions with physics on
  for (size_t i = 0; i < actions.size(); ++i) {
    same.steering = {.driven = true, .policy_acts = false, .push = {actions[i]}};
    same.step();
  }
  EXPECT_EQ(same.history().error, twin->history().error);
  EXPECT_EQ(same.history().physics_return, twin->history().physics_return);
  EXPECT_EQ(same.history().dream_return, twin->history().dream_return);
  EXPECT_EQ(same.clock().seconds, twin->clock().seconds);
  EXPECT_EQ(same.recording().physics, twin->recording().physics);
}

TEST_F(DriveTest, PhysicsThatFollowsHasNoErrorInAPerfectDream) {
  open_driven(-9.81);
  EXPECT_EQ(
      play("click \"drive/physics runs\"\nwait 0.4\nclick \"drive/physics runs\"\nwait 0.4\n"
           "expect physics.behind == 0\nexpect physics.return == dream.return\nexpect twin.steps > 25\n"),
      "");
  EXPECT_THAT(twin->history().error, Each(0.0));
}

TEST_F(DriveTest, AnAnchorWaitsForPhysics) {
  open_driven(-9.3);
  EXPECT_EQ(
      play("click \"drive/physics runs\"\nwait 0.4\nclick \"dream controls/Anchor now\"\n"
           "expect physics.behind == 0\nexpect dream.anchors == 1\nwait 0.1\nexpect physics.behind == 5\n"),
      "");
}

TEST_F(DriveTest, DrivingGoesOnPastTheTimeLimit) {
  open_driven(-9.81);
  EXPECT_EQ(play("click \"drive/you drive\"\nclick \"drive/physics runs\"\nwait 5\n"
                 "expect twin.steps == 250\nexpect twin.episode == 0\nexpect twin.done == 0\n"
                 "click time/Restart\nclick \"drive/you drive\"\nclick \"drive/physics runs\"\nwait 5\n"
                 "expect twin.episode == 1\n"),
            "");
}

TEST_F(DriveTest, ImaginedStatesAreJudgedAsTheEvaluationDoes) {
  read_pose = [](std::span<const float> positions) {
    evaluation::Pose pose;
    pose.beyond_limit = positions[1] > 0.3f ? 0.2 : 0;  // the hinge
    return pose;
  };
  open_driven(-9.3);
  EXPECT_EQ(
      play("click \"drive/physics runs\"\nwait 1\nexpect dream.admissible < 1\nexpect dream.admissible > 0\n"
           "expect dream.beyond_limits == 0.2\n"),
      "");
  const evaluation::Admissibility& all = twin->dream_admissibility();
  EXPECT_EQ(all.states, 50);
  EXPECT_EQ(twin->physics_admissibility().states, 0);
  twin->simulate(50);
  EXPECT_EQ(twin->physics_admissibility().states, 50);
}

}  // namespace
}  // namespace reverie::viewer
