// Which coordinates can be ignored, and what a task file says of it.
#include "sim/mechanics/mechanics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/mechanics/mechanics_tasks.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A box that slides along x and z over a floor, with room for an option, joint attributes, a tilt of the floor and more.
std::string sledge(const std::string& option = "", const std::string& joint = "",
                   const std::string& floor = "", const std::string& world = "",
                   const std::string& after = "") {
  return "<mujoco><compiler angle=\"radian\"/><option " + option +
         "/><worldbody><geom type=\"plane\" size=\"9 9 1\" " + floor + "/>" + world +
         "<body name=\"sledge\" pos=\"0 0 1\"><joint name=\"x\" type=\"slide\" axis=\"1 0 0\" " + joint +
         "/><joint name=\"z\" type=\"slide\" axis=\"0 0 1\"/><geom name=\"box\" type=\"box\" "
         "size=\".1 .1 .1\"/><site name=\"in\"/></body></worldbody>" +
         after + "</mujoco>";
}

std::vector<int> ignored(const std::string& model, const std::string& expr = "qpos(\"z\")",
                         const std::string& more = "") {
  return load_with_model(model, expr, more)->spec().mechanics->ignored;
}

TEST(IgnoredPositions, AreThoseAlongWhichNothingChanges) {
  EXPECT_THAT(ignored(sledge()), ElementsAre(0));
  EXPECT_THAT(Task::load("dmc/walker-walk")->spec().mechanics->ignored, ElementsAre(1));
  EXPECT_THAT(Task::load("dmc/cheetah-run")->spec().mechanics->ignored, ElementsAre(0));
  EXPECT_THAT(Task::load("gym/hopper")->spec().mechanics->ignored, ElementsAre(0));  // earns x - prev(x)
  EXPECT_THAT(Task::load("dmc/humanoid-walk")->spec().mechanics->ignored, ElementsAre(0, 1));
  EXPECT_THAT(Task::load("dmc/cartpole-swingup")->spec().mechanics->ignored, IsEmpty());
}

TEST(IgnoredPositions, AreNoneThatAnythingDependsOn) {
  EXPECT_THAT(ignored(sledge("gravity=\"1 0 -9\"")), IsEmpty());
  EXPECT_THAT(ignored(sledge("", "stiffness=\"1\"")), IsEmpty());
  EXPECT_THAT(ignored(sledge("", "limited=\"true\" range=\"-9 9\"")), IsEmpty());
  EXPECT_THAT(ignored(sledge("", "", "euler=\"0 0.1 0\"")), IsEmpty());
  EXPECT_THAT(ignored(sledge("", "", "euler=\"0.1 0 0\"")), ElementsAre(0));  // x still runs along it
  const std::string wall = "<geom type=\"box\" pos=\"5 0 0\" size=\"1 1 1\"";
  EXPECT_THAT(ignored(sledge("", "", "", wall + "/>")), IsEmpty());
  EXPECT_THAT(ignored(sledge("", "", "", wall + " contype=\"0\" conaffinity=\"0\"/>")), ElementsAre(0));
  EXPECT_THAT(ignored(sledge("", "", "", "<body pos=\"3 0 1\"><freejoint/><geom size=\"1\"/></body>")),
              IsEmpty());
  EXPECT_THAT(ignored(sledge("", "", "", "", "<actuator><position joint=\"x\"/></actuator>")), IsEmpty());
  EXPECT_THAT(ignored(sledge("", "", "", "", "<equality><joint joint1=\"x\" joint2=\"z\"/></equality>")),
              IsEmpty());
  EXPECT_THAT(ignored(sledge("", "", "", "<site name=\"out\"/>",
                             "<tendon><spatial><site site=\"in\"/><site site=\"out\"/></spatial></tendon>")),
              IsEmpty());
  EXPECT_THAT(
      ignored(sledge("", "", "", "", "<equality><connect body1=\"sledge\" anchor=\"0 0 0\"/></equality>")),
      IsEmpty());
}

TEST(IgnoredPositions, AreNoneThatTheTaskShowsOrPays) {
  EXPECT_THAT(ignored(sledge(), "qpos(\"x\")"), IsEmpty());
  EXPECT_THAT(ignored(sledge(), "sin(xpos(\"sledge\").x) + qpos(\"z\")"), IsEmpty());
  EXPECT_THAT(ignored(sledge(), "qpos(\"z\")", "[[termination]]\nwhen = 'abs(qpos(\"x\")) > 1'\n"),
              IsEmpty());
  EXPECT_THAT(ignored(sledge(), "qpos(\"x\") - prev(qpos(\"x\"))"), ElementsAre(0));
  EXPECT_THAT(ignored(sledge(), "prev(qpos(\"x\"))"), IsEmpty());
}

TEST(MechanicsSection, NamesWhatIsIgnored) {
  const std::string x = "[mechanics]\nignore = \"x\"\n";
  EXPECT_THAT(ignored(sledge("", "stiffness=\"1\""), "qpos(\"z\")", x), ElementsAre(0));
  EXPECT_THAT(ignored(sledge(), "qpos(\"z\")", "[mechanics]\nignore = []\n"), IsEmpty());
  EXPECT_THAT(load_arm(arm_task("[mechanics]\nignore = [\"ball\"]\n"))->spec().mechanics->ignored,
              ElementsAre(3, 4));
  EXPECT_THAT(error_with_model(sledge(), "qpos(\"x\")", x),
              HasSubstr("mechanics.ignore: number 0 of the observation is position 0"));
}

TEST(MechanicsSection, NamesWhatCanTouch) {
  EXPECT_EQ(load_with_model(sledge())->spec().mechanics->points.size(), 8u);
  const auto none = load_with_model(sledge(), "qpos()", "[mechanics]\ntouch = []\n")->spec().mechanics;
  EXPECT_THAT(none->points, IsEmpty());
  EXPECT_THAT(none->surfaces, IsEmpty());
  const auto arm = load_arm(arm_task("[mechanics]\ntouch = [\"lower\", \"ball\"]\n"))->spec().mechanics;
  ASSERT_EQ(arm->points.size(), 3u);
  EXPECT_EQ(arm->points[0].body, 3);
  EXPECT_EQ(arm->points[2].radius, 0.1);
}

TEST(MechanicsSection, MistakesNameTheNearest) {
  EXPECT_THAT(
      load_error(arm_task("[mechanics]\nignored = \"slide\"\n")),
      testing::StartsWith("arm.toml:12:1: mechanics: unknown key 'ignored' (did you mean 'ignore'?)"));
  EXPECT_THAT(load_error(arm_task("[mechanics]\nignore = \"slid\"\n")), HasSubstr("did you mean 'slide'?"));
  EXPECT_THAT(load_error(arm_task("[mechanics]\ntouch = \"uper\"\n")), HasSubstr("did you mean 'upper'?"));
  EXPECT_THAT(load_error(arm_task("[mechanics]\ntouch = \"floor\"\n")),
              HasSubstr("geom 'floor' cannot touch a plane that stands still"));
  EXPECT_THAT(load_error(arm_task("[mechanics]\ntouch = false\n")),
              HasSubstr("expected a string or an array"));
  EXPECT_THAT(
      error_with_model("<mujoco><worldbody><body><joint name=\"b\" type=\"ball\"/><geom size=\"1\"/></body>"
                       "</worldbody></mujoco>",
                       "qvel()", "[mechanics]\nignore = \"b\"\n"),
      HasSubstr("'b' is a ball joint"));
}

// Balls that touch nothing where the model puts them, and more than the engine's memory holds in random states.
TEST(MechanicsSection, StatesThatTheEngineRefusesAreNoError) {
  const auto model = [](const std::string& memory) {
    std::string balls;
    for (int i = 0; i < 60; ++i)
      balls += "<body pos=\"" + std::to_string(2.01 * i) + " 0 0\"><freejoint/><geom size=\"1\"/></body>";
    return "<mujoco><size memory=\"" + memory + "\"/><worldbody>" + balls + "</worldbody></mujoco>";
  };
  const auto kind = [&](const std::string& memory) {
    return load_with_model(model(memory), "qpos()[0]")->spec().mechanics->observation.at(0).kind;
  };
  EXPECT_EQ(kind("9M"), contract::ObservationSource::Kind::kPosition);
  EXPECT_EQ(kind("60K"), contract::ObservationSource::Kind::kOther);
}

}  // namespace
}  // namespace reverie::sim
