// Every kind of actuator, joint, sensor, equality, geom and tendon path that the engine has, by its own enumerations.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "sim/controls.h"
#include "sim/env.h"
#include "sim/inspect/inspect.h"
#include "sim/model.h"
#include "sim/task/task.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A body on a hinge, one on a ball joint below it, a slider and a free body, each with what can be driven or measured.
std::string scene(const std::string& more, const std::string& extension = "") {
  return "<mujoco>" + extension + R"(<option timestep="0.002"><flag energy="enable"/></option>
  <asset><hfield name="bumps" nrow="2" ncol="2" size="1 1 1 1"/>
    <mesh name="tetra" vertex="0 0 0  1 0 0  0 1 0  0 0 1"/></asset>
  <worldbody><geom name="floor" type="plane" size="5 5 0.1"/><site name="world" pos="0 0 2"/>
    <camera name="fixed" pos="0 -3 1" resolution="4 3" sensorsize="1 1"/>
    <body name="arm" pos="0 0 1"><joint name="hinge" range="-90 90"/><geom name="arm" size="0.1" pos="0.2 0 0"/>
      <site name="hand" pos="0.3 0 0" size="0.1"/><camera name="eye"/>
      <body name="head" pos="0.3 0 0"><joint name="ball" type="ball"/><geom name="head" size="0.05" pos="0 0 0.1"/>
        <site name="nose" pos="0.1 0 0"/></body></body>
    <body name="cart" pos="2 0 1"><joint name="slide" type="slide" axis="1 0 0" range="-1 1"/><geom name="cart" size="0.1"/>
      <site name="cart" pos="0 0 0.1"/></body>
    <body name="stone" pos="-2 0 1"><freejoint name="free"/><geom name="stone" type="box" size="0.1 0.1 0.1"/>
      <site name="stone"/></body>
  </worldbody>
  <tendon><fixed name="cord" range="-1 1"><joint joint="hinge" coef="1"/></fixed>
    <spatial name="rope"><site site="world"/><site site="cart"/></spatial></tendon>)" +
         more + "</mujoco>";
}

std::string task_text(const std::string& expr) {
  return "schema = 1\nid = \"t\"\nmodel = \"m.xml\"\ncontrol_dt = 0.01\nepisode_steps = "
         "5\n[[observation]]\nname = \"o\"\n"
         "expr = '" +
         expr + "'\n[reward]\nexpr = '1'\n";
}

struct Ran {
  int size = -1;  // of the observation
  bool finite = true;
  int action_dim = 0;
};

// Loads a task that observes `expr`, plays an episode of it with half of each action's upper end.
Ran play(const ScratchFolder& folder, const std::string& model, const std::string& expr) {
  folder.write("m.xml", model);
  const auto task = Task::load(folder.write("t.toml", task_text(expr)));
  Env env(task);
  Ran out{task->spec().observation_dim, true, task->spec().action_dim};
  std::vector<float> action;
  for (const float high : task->spec().action_high) action.push_back(0.5f * high);
  env.reset(1, 0);
  for (int step = 0; step < 5; ++step) {
    env.step(action);
    for (const double value : env.observation()) out.finite = out.finite && std::isfinite(value);
  }
  return out;
}

struct ActuatorCase {
  std::string mjcf;
  std::string drives;
  std::vector<std::string> controls;
  int forces = 1, activations = 0;
};

std::vector<ActuatorCase> actuator_cases() {
  return {
      {R"(<motor name="NAME" joint="hinge"/>)", "joint hinge", {""}},
      {R"(<motor name="NAME" joint="ball" gear="0 0 1"/>)", "joint ball", {""}},
      {R"(<motor name="NAME" joint="free" gear="0 0 0 0 0 1"/>)", "joint free", {""}},
      {R"(<general name="NAME" jointinparent="ball"/>)", "joint ball", {""}},
      {R"(<general name="NAME" cranksite="hand" slidersite="world" cranklength="5"/>)",
       "slider-crank hand",
       {""}},
      {R"(<motor name="NAME" tendon="cord"/>)", "tendon cord", {""}},
      {R"(<motor name="NAME" site="hand"/>)", "site hand", {""}},
      {R"(<position name="NAME" site="nose" refsite="world"/>)", "site nose", {""}},
      {R"(<adhesion name="NAME" body="stone" ctrlrange="0 1"/>)", "body stone", {""}},
      {R"(<orientation name="NAME" joint="ball" kp="1"/>)", "joint ball", {".x", ".y", ".z"}, 3},
      {R"(<orientation name="NAME" joint="ball" kp="1" input="quat"/>)",
       "joint ball",
       {".w", ".x", ".y", ".z"},
       3},
      {R"(<orientation name="NAME" site="nose" refsite="world" kp="1"/>)",
       "site nose against world",
       {".x", ".y", ".z"},
       3},
      {R"(<intvelocity name="NAME" joint="hinge" actrange="-1 1"/>)", "joint hinge", {""}, 1, 1},
      {R"(<position name="NAME" joint="hinge" timeconst="0.1"/>)", "joint hinge", {""}, 1, 1},
      {R"(<general name="NAME" joint="hinge" dyntype="filter" dynprm="0.1"/>)", "joint hinge", {""}, 1, 1},
      {R"(<general name="NAME" joint="hinge" dyntype="filterexact" dynprm="0.1"/>)",
       "joint hinge",
       {""},
       1,
       1},
      {R"(<muscle name="NAME" joint="hinge" lengthrange="0 1"/>)", "joint hinge", {""}, 1, 1},
      {R"(<damper name="NAME" joint="hinge" ctrlrange="0 1"/>)", "joint hinge", {""}},
      {R"(<cylinder name="NAME" joint="slide"/>)", "joint slide", {""}, 1, 1},
      {R"(<velocity name="NAME" joint="hinge"/>)", "joint hinge", {""}},
      {R"(<pid name="NAME" joint="hinge" kp="1" input="pos vel ff" ctrlrange="-1 1" velrange="-2 2" ffrange="-3 3"/>)",
       "joint hinge",
       {".pos", ".vel", ".ff"}},
      {R"(<pid name="NAME" joint="hinge" kp="1" ki="1" input="pos"/>)", "joint hinge", {""}, 1, 1},
      {R"(<dcmotor name="NAME" joint="hinge" motorconst="1" resistance="1" input="pos voltage"/>)",
       "joint hinge",
       {".pos", ".voltage"}},
      {R"(<dcmotor name="NAME" joint="hinge" motorconst="1" resistance="1"/>)", "joint hinge", {""}},
      {R"(<general name="NAME" joint="hinge" dyntype="user" gaintype="user" biastype="user" actdim="3"/>)",
       "joint hinge",
       {""},
       1,
       3},
      {R"(<general name="NAME" joint="hinge" delay="0.01" nsample="5"/>)", "joint hinge", {""}},
  };
}

// Element `i` of the cases, with a name of its own; the first has slashes, blanks and a dot.
std::string named(const ActuatorCase& c, size_t i, std::string& name) {
  name = i == 0 ? "left/arm 1.5" : fmt::format("a{}", i);
  const size_t at = c.mjcf.find("NAME");
  return fmt::format("{}{}{}", c.mjcf.substr(0, at), name, c.mjcf.substr(at + 4));
}

TEST(EngineKinds, EveryActuatorIsDrivenAndMeasured) {
  const ScratchFolder folder;
  std::set<int> transmissions, dynamics, gains, biases;
  const std::vector<ActuatorCase> cases = actuator_cases();
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].mjcf);
    std::string name;
    // A passive motor before and a plain one after: positions are not those of the actuators.
    const std::string model =
        scene("<actuator><dcmotor joint='slide' motorconst='1' resistance='1' input='none'/>" +
              named(cases[i], i, name) + "<motor name='last' joint='slide' ctrlrange='-7 7'/></actuator>");
    std::string expr = "[ctrl_high(\"last\"), ctrl(), ctrl_low(\"*\")";
    for (const char* function : {"ctrl", "actuator_force", "actuator_length", "actuator_velocity"})
      expr += std::string(", ") + function + "(\"" + name + "\")";
    if (cases[i].activations > 0) expr += ", act(\"" + name + "\")";
    const int controls = static_cast<int>(cases[i].controls.size());
    const Ran ran = play(folder, model, expr + "]");
    EXPECT_EQ(ran.size, 1 + 2 * (controls + 1) + controls + 3 * cases[i].forces + cases[i].activations);
    EXPECT_TRUE(ran.finite);
    EXPECT_EQ(ran.action_dim, controls + 1);
    const ModelPtr m = load_model(folder.path() / "m.xml");
    transmissions.insert(m->actuator_trntype[1]);
    dynamics.insert(m->actuator_dyntype[1]);
    gains.insert(m->actuator_gaintype[1]);
    biases.insert(m->actuator_biastype[1]);
  }
  EXPECT_EQ(transmissions.size(), mjTRN_SO3 + 1u);
  EXPECT_EQ(gains.size(), mjGAIN_USER + 1u);
  EXPECT_EQ(biases.size(), mjBIAS_USER + 1u);
  EXPECT_EQ(dynamics.size(), mjDYN_USER + 1u);
}

TEST(EngineKinds, InspectNamesEveryControlAndWhatItDrives) {
  const ScratchFolder folder;
  const std::vector<ActuatorCase> cases = actuator_cases();
  std::string actuators = "<dcmotor joint='slide' motorconst='1' resistance='1' input='none'/>";
  std::vector<std::string> names, drives;
  for (size_t i = 0; i < cases.size(); ++i) {
    std::string name;
    actuators += named(cases[i], i, name);
    for (const std::string& input : cases[i].controls)
      names.push_back(name + input), drives.push_back(cases[i].drives);
  }
  const ModelFacts facts =
      inspect_model(folder.write("m.xml", scene("<actuator>" + actuators + "</actuator>")));
  ASSERT_EQ(facts.actuators.size(), names.size());
  EXPECT_THAT(facts.warnings, testing::Contains(HasSubstr("user actuators need a program of their own")));
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(facts.actuators[i].name, names[i]);
    EXPECT_EQ(facts.actuators[i].drives, drives[i]) << names[i];
  }
}

TEST(EngineKinds, ControlsOfOneActuatorHaveTheirOwnRanges) {
  const ScratchFolder folder;
  const std::string model = scene(
      "<actuator><pid name='p' joint='hinge' kp='1' input='pos vel ff' velrange='-2 2'/>"
      "<orientation name='turn' joint='ball' kp='1'/><orientation name='quat' joint='ball' kp='1' "
      "input='quat'/></actuator>");
  const ModelPtr m = load_model(folder.write("m.xml", model));
  const std::vector<Control> controls = list_controls(m.get());
  ASSERT_EQ(controls.size(), 10u);
  EXPECT_EQ(controls[1].name, "p.vel");
  EXPECT_NEAR(control_range(m.get(), 0).high, mjPI / 2, 1e-12);  // the joint's
  EXPECT_EQ(control_range(m.get(), 1).high, 2.0);
  EXPECT_FALSE(control_range(m.get(), 2).known);
  EXPECT_EQ(control_range(m.get(), 3).low, -mjPI);
  EXPECT_EQ(control_range(m.get(), 9).low, -1.0);
  EXPECT_EQ(play(folder, model, "[ctrl(\"p.vel\"), ctrl([\"p.ff\", \"turn\"]), ctrl_high(\"p\")]").size, 8);
}

TEST(EngineKinds, AMapOfJointPositionsNamesTheActuatorThatHasNone) {
  const ScratchFolder folder;
  const auto error = [&](const std::string& actuator) -> std::string {
    folder.write("m.xml", scene("<actuator>" + actuator + "</actuator>"));
    try {
      Task::load(folder.write("t.toml", task_text("qpos()") + "[action]\nmap = \"joint_position\"\n"));
    } catch (const base::UserError& caught) {
      return caught.what();
    }
    return "";
  };
  EXPECT_EQ(error("<position name='a' joint='hinge'/><general name='b' jointinparent='hinge'/>"), "");
  EXPECT_EQ(error("<pid name='a' joint='hinge' kp='1' input='pos'/>"), "");
  EXPECT_THAT(error("<motor name='a' tendon='cord'/>"), HasSubstr("actuator 'a' drives no joint"));
  EXPECT_THAT(error("<motor name='a' joint='ball'/>"),
              HasSubstr("actuator 'a' drives 'ball', which is no hinge or slide"));
  EXPECT_THAT(error("<pid name='a' joint='hinge' kp='1' input='pos vel'/>"),
              HasSubstr("actuator 'a.vel' takes no position"));
}

TEST(EngineKinds, ServosOfATaskAreForHingesAndSlides) {
  const ScratchFolder folder;
  folder.write("m.xml", scene(""));
  const auto added = [&](const std::string& joints) {
    const std::string text = task_text("qpos()") + "[[actuator]]\njoints = \"" + joints + "\"\n";
    return Task::load(folder.write("t.toml", text))->spec().action_dim;
  };
  EXPECT_EQ(added("*"), 2);
  EXPECT_EQ(added("hinge"), 1);
  for (const char* joint : {"ball", "free"}) {
    try {
      added(joint);
      ADD_FAILURE() << joint;
    } catch (const base::UserError& error) {
      EXPECT_THAT(error.what(), HasSubstr(fmt::format("joint '{}' is no hinge or slide", joint)));
    }
  }
}

TEST(EngineKinds, EverySensorHasItsSize) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"touch site='hand'", 1},
      {"accelerometer site='hand'", 3},
      {"velocimeter site='hand'", 3},
      {"gyro site='hand' cutoff='3'", 3},
      {"force site='hand'", 3},
      {"torque site='hand'", 3},
      {"magnetometer site='hand'", 3},
      {"rangefinder site='hand'", 1},
      {"rangefinder site='hand' data='dist dir origin point normal'", 13},
      {"rangefinder camera='fixed' data='dist normal'", 48},
      {"camprojection site='hand' camera='fixed'", 2},
      {"jointpos joint='hinge'", 1},
      {"jointpos joint='hinge' delay='0.01' nsample='4'", 1},
      {"jointpos joint='hinge' interval='0.02' nsample='4'", 1},
      {"jointvel joint='slide'", 1},
      {"tendonpos tendon='cord'", 1},
      {"tendonvel tendon='rope'", 1},
      {"actuatorpos actuator='m'", 1},
      {"actuatorvel actuator='m'", 1},
      {"actuatorfrc actuator='m'", 1},
      {"jointactuatorfrc joint='hinge'", 1},
      {"tendonactuatorfrc tendon='cord'", 1},
      {"ballquat joint='ball'", 4},
      {"ballangvel joint='ball'", 3},
      {"jointlimitpos joint='hinge'", 1},
      {"jointlimitvel joint='hinge'", 1},
      {"jointlimitfrc joint='hinge'", 1},
      {"tendonlimitpos tendon='cord'", 1},
      {"tendonlimitvel tendon='cord'", 1},
      {"tendonlimitfrc tendon='cord'", 1},
      {"framepos objtype='site' objname='hand'", 3},
      {"framequat objtype='body' objname='arm'", 4},
      {"framexaxis objtype='xbody' objname='arm'", 3},
      {"frameyaxis objtype='geom' objname='arm'", 3},
      {"framezaxis objtype='camera' objname='eye'", 3},
      {"framelinvel objtype='site' objname='hand'", 3},
      {"frameangvel objtype='site' objname='hand' reftype='body' refname='head'", 3},
      {"framelinacc objtype='site' objname='hand'", 3},
      {"frameangacc objtype='site' objname='hand'", 3},
      {"subtreecom body='arm'", 3},
      {"subtreelinvel body='arm'", 3},
      {"subtreeangmom body='arm'", 3},
      {"insidesite site='hand' objtype='body' objname='head'", 1},
      {"distance geom1='arm' geom2='floor'", 1},
      {"normal geom1='arm' geom2='floor'", 3},
      {"fromto geom1='arm' body2='stone'", 6},
      {"contact", 1},
      {"contact geom1='stone' num='3' data='found force dist pos normal'", 33},
      {"contact subtree1='stone' num='2' reduce='netforce'", 2},
      {"e_potential", 1},
      {"e_kinetic", 1},
      {"clock", 1},
      {"tactile geom='head' mesh='tetra'", 12},
      {"plugin plugin='mujoco.sensor.touch_grid' objtype='site' objname='hand'", 27},
      {"user dim='5'", 5},
  };
  const ScratchFolder folder;
  std::set<int> kinds;
  for (const auto& [sensor, size] : cases) {
    SCOPED_TRACE(sensor);
    const bool grid = sensor.starts_with("plugin");
    const std::string element = "<" + sensor + " name='x/y'" +
                                (grid ? "><config key='size' value='3 3'/><config key='fov' value='10 "
                                        "10'/><config key='gamma' value='0'/>"
                                        "<config key='nchannel' value='3'/></plugin>"
                                      : "/>");
    const std::string model =
        scene("<actuator><motor name='m' joint='hinge'/></actuator><sensor><clock/>" + element + "</sensor>",
              grid ? "<extension><plugin plugin='mujoco.sensor.touch_grid'/></extension>" : "");
    const Ran ran = play(folder, model, "sensor(\"x/y\")");
    EXPECT_EQ(ran.size, size);
    EXPECT_TRUE(ran.finite);
    kinds.insert(load_model(folder.path() / "m.xml")->sensor_type[1]);
  }
  const ModelFacts facts = inspect_model(folder.path() / "m.xml");
  EXPECT_THAT(facts.sensor_names, ElementsAre("x/y"));
  EXPECT_THAT(facts.sensor_sizes, ElementsAre(5));
  EXPECT_THAT(to_text(facts), HasSubstr("x/y[5]"));
  EXPECT_THAT(facts.warnings, ElementsAre(HasSubstr("always 0 here: 'x/y'")));
  for (int kind = 0; kind <= mjSENS_USER; ++kind) EXPECT_TRUE(kinds.contains(kind)) << "mjtSensor " << kind;
}

TEST(EngineKinds, EveryEqualityGeomAndTendonPathIsPlayed) {
  const std::string flex =
      "<body name='fb' pos='0 3 2'><flexcomp name='cloth' type='grid' count='3 3 1' spacing='0.1 0.1 0.1' "
      "dim='2' "
      "mass='1' radius='0.01'/></body>";
  const std::vector<std::string> parts = {
      "<equality><connect body1='stone' body2='cart' anchor='0 0 0'/></equality>",
      "<equality><connect site1='stone' site2='cart'/></equality>",
      "<equality><weld body1='stone' body2='cart'/></equality>",
      "<equality><weld site1='stone' site2='cart'/></equality>",
      "<equality><joint joint1='hinge' joint2='slide'/></equality>",
      "<equality><tendon tendon1='cord' tendon2='rope'/></equality>",
      "<worldbody>" + flex + "</worldbody><equality><flex flex='cloth'/></equality>",
      "<worldbody>" + flex + "</worldbody><equality><flexvert flex='cloth'/></equality>",
      "<worldbody><body name='fb' pos='0 3 2'><flexcomp name='soft' type='grid' count='3 3 3' spacing='0.1 "
      "0.1 0.1' "
      "dim='3' mass='1' "
      "radius='0.01' dof='trilinear'><contact "
      "selfcollide='none'/></flexcomp></body></worldbody><equality><flexstrain flex='soft'/></equality>",
      "<worldbody><geom type='hfield' hfield='bumps' pos='0 0 -3'/><geom type='sphere' size='0.1' pos='0 2 "
      "0'/>"
      "<geom type='capsule' size='0.1 0.1' pos='0 2 1'/><geom type='ellipsoid' size='0.1 0.2 0.3' pos='0 2 "
      "2'/>"
      "<geom type='cylinder' size='0.1 0.1' pos='0 2 3'/><geom type='mesh' mesh='tetra' pos='0 2 "
      "4'/></worldbody>",
      "<tendon><spatial name='wrapped'><site site='world'/><geom geom='arm'/><site site='hand'/><pulley "
      "divisor='2'/>"
      "<site site='world'/><site site='cart'/></spatial></tendon>",
      "<custom><numeric name='n' data='1 2'/><text name='t' data='x'/><tuple name='u'><element "
      "objtype='body' "
      "objname='arm'/></tuple></custom>",
      "<deformable><skin name='s' vertex='0 0 0 1 0 0 0 1 0' face='0 1 2'><bone body='arm' bindpos='0 0 0' "
      "bindquat='1 0 0 "
      "0' vertid='0 1 2' vertweight='1 1 1'/></skin></deformable>"};
  const ScratchFolder folder;
  std::set<int> equalities;
  for (const std::string& part : parts) {
    SCOPED_TRACE(part);
    EXPECT_TRUE(play(folder, scene(part), "[qpos(), qvel(), xpos(\"*\")]").finite);
    const ModelPtr m = load_model(folder.path() / "m.xml");
    for (int i = 0; i < m->neq; ++i) equalities.insert(m->eq_type[i]);
  }
  for (int kind = 0; kind < mjEQ_DISTANCE; ++kind) EXPECT_TRUE(equalities.contains(kind)) << "mjtEq " << kind;
}

}  // namespace
}  // namespace reverie::sim
