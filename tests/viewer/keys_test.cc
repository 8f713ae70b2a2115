// Keyframes and sensors of a model, as a user meets them.
#include <gmock/gmock.h>

#include <fstream>

#include "base/files.h"
#include "base/temporary_directory.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/keys.h"
#include "viewer/opening.h"

namespace reverie::viewer {
namespace {

constexpr const char* kArm =
    "<mujoco><worldbody><body name='arm'><joint name='hinge' axis='0 1 0'/>"
    "<geom type='capsule' fromto='0 0 0 0.5 0 0' size='0.05'/><site name='end' pos='0.5 0 "
    "0'/></body></worldbody>"
    "<actuator><motor joint='hinge' ctrlrange='-2 2' ctrllimited='true'/></actuator>"
    "<sensor><jointpos name='angle' joint='hinge'/><framepos objtype='site' objname='end'/></sensor>"
    "<keyframe><key name='down' qpos='1.5'/><key qpos='-0.25' qvel='2'/></keyframe></mujoco>";

class Keys : public ScriptTest {
 protected:
  void SetUp() override {
    std::ofstream(folder.path() / "arm.xml") << kArm;
    show(viewer::open(folder.path() / "arm.xml", {}));
  }
  const base::TemporaryDirectory folder;
};

TEST_F(Keys, AreLoadedAsBranchesAndKept) {
  EXPECT_EQ(play("expect keys.count == 2\n"
                 "wait 0.4\n"
                 "set keys/Key 1\n"
                 "click \"keys/Load key\"\n"
                 "expect fork.count == 2\n"
                 "expect fork.from_step == 20\n"
                 "expect twin.steps == 20\n"
                 "expect playback.paused == 1\n"),
            "");
  EXPECT_EQ(twin->physics().positions()[0], -0.25f);
  EXPECT_EQ(twin->physics().velocities()[0], 2.0f);
  EXPECT_EQ(play("key Space\nwait 0.2\nkey Space\nclick \"keys/Keep this pose\"\nexpect keys.count == 3\n"),
            "");
  const float kept = twin->physics().positions()[0];
  EXPECT_NE(kept, -0.25f);
  EXPECT_EQ(play("key Space\nwait 0.2\nclick \"keys/Load key\"\nexpect fork.count == 3\n"
                 "click \"keys/Copy key\"\n"),
            "");
  EXPECT_EQ(twin->physics().positions()[0], kept);
  EXPECT_THAT(std::string(ImGui::GetClipboardText()), ::testing::StartsWith("<key name=\"kept 2\" qpos=\""));
}

TEST_F(Keys, GoBackToTheModelAsALine) {
  const sim::ModelPtr arm = sim::load_model(folder.path() / "arm.xml");
  std::vector<Key> keys = keys_of(arm.get());
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].name, "down");
  EXPECT_EQ(to_xml(keys[0]), "<key name=\"down\" qpos=\"1.5\"/>");
  EXPECT_EQ(to_xml(keys[1]), "<key name=\"key 1\" qpos=\"-0.25\" qvel=\"2\"/>");
}

TEST_F(Keys, SensorsAreReadWhileTheirPanelIsShown) {
  EXPECT_EQ(play("expect sensors.count == 4\n"  // an angle and a place
                 "wait 0.2\nframes 1\n"
                 "expect sensors.physics == 0\n"
                 "key F2\nclick layout/sensors\nkey F2\nwait 0.2\nframes 1\n"
                 "expect sensors.physics > 1.5\n"),
            "");
  EXPECT_EQ(stage->context().sensors[0].name, "angle");
  EXPECT_EQ(stage->context().sensors[2].name, "sensor 1 1");
  EXPECT_FLOAT_EQ(static_cast<float>(stage->context().sensors[0].physics), twin->physics().positions()[0]);
}

TEST_F(Keys, SensorsOfTheDreamStandBesideThoseOfPhysics) {
  std::string text = base::read_file(REVERIE_TEST_DATA "/twin.xml");
  text.replace(text.find("</mujoco>"), 0, "<sensor><jointpos name='pole' joint='hinge'/></sensor>");
  std::ofstream(folder.path() / "twin.xml") << text;
  model = sim::load_model(folder.path() / "twin.xml");
  open(-4);
  EXPECT_EQ(play("key Space\nkey F2\nclick layout/sensors\nkey F2\nframes 1\n"
                 "expect sensors.dream == sensors.physics\nkey Space\nwait 0.5\nframes 1\nexpect "
                 "sensors.dream != sensors.physics\n"),
            "");
  EXPECT_FLOAT_EQ(static_cast<float>(stage->context().sensors[0].dream), twin->dream().positions()[1]);
}

TEST_F(Keys, ABareModelHasEventsPullsAndMovesAsATaskHas) {
  EXPECT_EQ(play("wait 0.2\nset events/Gravity 0\nexpect event.gravity == 0\nclick events/Push\n"
                 "expect event.count == 2\nwait 0.2\nclick fork/Edits\nset fork/Shift 0.5\n"
                 "click \"fork/Fork with the robot moved\"\nexpect fork.count == 2\n"),
            "");
  const auto& before = twin->timeline(0).recording;
  EXPECT_FLOAT_EQ(twin->physics().positions()[0],
                  static_cast<float>(before.physics_state(before.length())[1] + 0.5));
}

}  // namespace
}  // namespace reverie::viewer
