#include "tests/sim/engine_features.h"

#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

// Two links that hang over a floor, with a touch sensor at the end.
const char* const kLeg = R"(<worldbody>
  <geom name="floor" type="plane" size="5 5 0.1"/>
  <body name="thigh" pos="0 0 0.62">
    <joint name="hip" axis="0 1 0" range="-1.5 1.5" limited="true" damping="0.1"/>
    <geom type="capsule" fromto="0 0 0 0 0 -0.3" size="0.03"/>
    <body name="shank" pos="0 0 -0.3">
      <joint name="knee" axis="0 1 0" frictionloss="0.05"/>
      <geom name="shank" type="capsule" fromto="0 0 0 0 0 -0.3" size="0.03"/>
      <site name="foot" pos="0 0 -0.3" size="0.05"/>
    </body>
  </body>
</worldbody>
)";

std::string leg(const std::string& rest, const std::string& before = "") { return before + kLeg + rest; }

std::string boxes(const std::string& before, const std::string& rest) {
  return before + R"(<worldbody>
  <geom name="floor" type="plane" size="5 5 0.1"/>
  <body name="low" pos="0 0 0.1"><freejoint name="low"/><geom name="low" type="box" size="0.1 0.1 0.1"/></body>
  <body name="high" pos="0.02 0 0.3"><freejoint name="high"/><geom name="high" type="box" size="0.1 0.1 0.1"/>
    <site name="inside"/></body>
  <body name="pusher" pos="-0.4 0 0.1"><joint name="push" type="slide" axis="1 0 0" damping="1"/>
    <geom name="pusher" size="0.08"/></body>
</worldbody>
<actuator><motor name="push" joint="push" gear="60" ctrllimited="true" ctrlrange="-1 1"/></actuator>
)" + rest;
}

const char* const kKnee = R"(joint="knee" ctrllimited="true" ctrlrange="-1 1")";

std::string knee(const std::string& actuator, const std::string& before = "", const std::string& rest = "") {
  std::string text = "<actuator>" + actuator + "</actuator>";
  for (size_t at = text.find('@'); at != std::string::npos; at = text.find('@')) text.replace(at, 1, kKnee);
  return leg(text + rest, before);
}

std::vector<EngineFeature> actuators() {
  return {
      {"servo_damping", knee(R"(<position name="a" @ kp="20" kv="2"/>)")},
      {"velocity_servo", knee(R"(<velocity name="a" @ kv="3"/>)")},
      {"integrated_velocity", knee(R"(<intvelocity name="a" @ kp="20" kv="1" actrange="-1 1"/>)")},
      {"damper", knee(R"(<damper name="a" joint="knee" kv="3" ctrlrange="0 1"/>)")},
      {"muscle", knee(R"(<muscle name="a" tendon="pull" ctrllimited="true" ctrlrange="0 1"/>)", "",
                      R"(<tendon><fixed name="pull" range="0.1 1"><joint joint="knee" coef="0.5"/>
                         <joint joint="hip" coef="0.2"/></fixed></tendon>)")},
      {"filtered_early", knee(R"(<general name="a" @ dyntype="filterexact" dynprm="0.05" actearly="true"
                                 gainprm="20" biastype="affine" biasprm="0 -20 -2"/>)")},
      {"servo_implicit",
       knee(R"(<position name="a" @ kp="50" dampratio="1"/>)", R"(<option integrator="implicitfast"/>)")},
      {"servo_runge_kutta",
       knee(R"(<position name="a" @ kp="20" kv="2"/>)", R"(<option integrator="RK4"/>)")},
      {"pid_controller", knee(R"(<pid name="a" @ kp="20" ki="5" kv="1" imax="1"/>)")},
      {"dc_motor", knee(R"(<dcmotor name="a" @ motorconst="0.5" resistance="1" inductance="0.01 0"/>)")},
      {"delayed_control", knee(R"(<position name="a" @ kp="20" kv="2" delay="0.013" nsample="8"/>)"),
       "[[reset]]\nop = \"settle\"\nsteps = 7\n"},
      {"adhesion", knee(R"(<adhesion name="a" body="shank" ctrlrange="0 1" gain="50"/><motor name="b" @/>)")},
      {"keyframe_with_activation",
       knee(R"(<intvelocity name="a" @ kp="30" kv="2" actrange="-1 1"/>)", "",
            R"(<keyframe><key name="start" time="3" qpos="0.2 -0.4" qvel="1 -2" act="0.3" ctrl="0.5"/>
               </keyframe>)"),
       "[[reset]]\nop = \"keyframe\"\nname = \"start\"\n"},
  };
}

// The engine's own plugins.
std::vector<EngineFeature> plugins() {
  return {
      {"plugin_pid",
       knee(R"(<plugin name="a" @ plugin="mujoco.pid" instance="p" actdim="2"/>)",
            R"(<extension><plugin plugin="mujoco.pid"><instance name="p"><config key="kp" value="20"/>
               <config key="ki" value="5"/><config key="kd" value="1"/><config key="slewmax" value="3"/>
               </instance></plugin></extension>)")},
      {"plugin_cable",
       R"(<extension><plugin plugin="mujoco.elasticity.cable"/></extension><worldbody>
          <composite type="cable" curve="s" count="6 1 1" size="0.5" offset="0 0 1" initial="none">
          <plugin plugin="mujoco.elasticity.cable"><config key="twist" value="1e6"/><config key="bend" value="4e5"/>
          </plugin><joint kind="main" damping="0.015"/><geom type="capsule" size="0.01"/></composite></worldbody>
          <actuator><motor name="a" site="S_last" gear="0 0 0 1 0 0" ctrlrange="-0.03 0.03"/></actuator>)"},
      {"plugin_touch_grid",
       leg(R"(<actuator><motor name="a" joint="knee" ctrlrange="-1 1"/></actuator><sensor>
              <plugin name="skin" plugin="mujoco.sensor.touch_grid" objtype="site" objname="foot">
              <config key="size" value="3 3"/><config key="fov" value="90 90"/><config key="gamma" value="0"/>
              <config key="nchannel" value="3"/></plugin></sensor>)",
           R"(<extension><plugin plugin="mujoco.sensor.touch_grid"/></extension>)")},
      {"plugin_signed_distance",
       R"(<extension><plugin plugin="mujoco.sdf.torus"><instance name="ring"><config key="radius1" value="0.2"/>
          <config key="radius2" value="0.05"/></instance></plugin></extension>
          <asset><mesh name="ring"><plugin instance="ring"/></mesh></asset><worldbody>
          <geom type="plane" size="3 3 0.1"/><body pos="0 0 0.2"><freejoint name="ring"/>
          <geom type="sdf" mesh="ring"><plugin instance="ring"/></geom></body>
          <body name="rod" pos="0 0 0.6"><joint name="fall" type="slide" axis="0 0 1" damping="1"/>
          <geom size="0.05"/></body></worldbody>
          <actuator><velocity name="a" joint="fall" kv="3" ctrlrange="-1 1"/></actuator>)"},
  };
}

std::vector<EngineFeature> sensors_and_contacts() {
  return {
      {"delayed_sensors", knee(R"(<position name="a" @ kp="20" kv="2"/>)", "",
                               R"(<sensor><jointvel name="late" joint="knee" delay="0.011" nsample="8"/>
               <touch name="rare" site="foot" interval="0.017" nsample="3"/>
               <accelerometer name="both" site="foot" delay="0.005" interval="0.012" nsample="6"/></sensor>)")},
      {"sensors_of_the_last_solve",
       knee(R"(<motor name="a" @ gear="5"/>)", R"(<option><flag energy="enable"/></option>)",
            R"(<sensor><touch site="foot"/><accelerometer site="foot"/><force site="foot"/>
               <actuatorfrc actuator="a"/><jointactuatorfrc joint="knee"/><e_potential/><e_kinetic/>
               <subtreeangmom body="thigh"/><contact name="c" geom1="floor" data="force dist"/></sensor>)")},
      {"sleeping", boxes(R"(<option timestep="0.005" sleep_tolerance="0.05"><flag sleep="enable"/></option>)",
                         R"(<sensor><accelerometer site="inside"/></sensor>)")},
      {"asleep_at_first",
       R"(<option timestep="0.005"><flag sleep="enable"/></option><worldbody><geom type="plane" size="5 5 0.1"/>
          <body name="rest" pos="0 0 0.0999" sleep="init"><freejoint/><geom size="0.1"/></body>
          <body name="rod" pos="0 1 1"><joint name="swing" axis="0 1 0"/><geom size="0.1" pos="0.3 0 0"/></body>
          </worldbody><actuator><velocity name="a" joint="swing" kv="2" ctrlrange="-1 1"/></actuator>)"},
      {"dual_solver", boxes(R"(<option solver="PGS" cone="elliptic" noslip_iterations="3"/>)", "")},
      {"conjugate_gradient", boxes(R"(<option solver="CG" cone="elliptic" impratio="10"/>)", "")},
      {"mocap_and_equality", boxes("", R"(<equality><weld body1="high" body2="low" active="false"/>
                    <joint joint1="push" polycoef="0 1 0 0 0"/></equality>)")},
      {"mocap_pull",
       leg(R"(<actuator><position name="a" joint="knee" kp="9" kv="1" ctrlrange="-1 1"/></actuator>
              <equality><connect body1="hand" body2="shank" anchor="0 0 0"/></equality>)",
           R"(<worldbody><body name="hand" mocap="true" pos="0.1 0 0.1" quat="1 1 0 0"/></worldbody>)"),
       "[[reset]]\nop = \"uniform\"\nfield = \"mocap_pos\"\nbody = \"hand\"\nlow = -0.1\nhigh = 0.1\nadd = "
       "true\n"},
  };
}

std::vector<EngineFeature> everything_else() {
  return {
      {"fluid_and_floating",
       R"(<option density="50" viscosity="0.3" wind="1 0 0" integrator="implicit"/><worldbody>
          <body name="b" pos="0 0 1" gravcomp="0.7"><freejoint name="b"/>
          <geom type="ellipsoid" size="0.1 0.2 0.05" fluidshape="ellipsoid"/><site name="s"/></body></worldbody>
          <actuator><motor name="a" site="s" gear="1 0 0 0 0.1 0" ctrlrange="-1 1"/></actuator>)"},
      {"tendons",
       leg(R"(<tendon><spatial name="cord" stiffness="80" damping="2" springlength="0.1 0.3" armature="0.01">
                <site site="hook"/><site site="foot"/></spatial></tendon>
              <actuator><velocity name="a" tendon="cord" kv="5" ctrlrange="-1 1"/></actuator>)",
           R"(<worldbody><site name="hook" pos="0.2 0 0.4"/></worldbody>)")},
      {"cloth",
       R"(<option timestep="0.004"/><worldbody><geom type="plane" size="2 2 0.1"/>
          <flexcomp name="cloth" type="grid" count="4 4 1" spacing="0.1 0.1 0.1" dim="2" radius="0.01" mass="0.5"
           pos="0 0 0.3"><edge equality="true"/></flexcomp>
          <body name="rod" pos="0 0 0.2"><joint name="swing" axis="0 1 0" damping="0.1"/>
          <geom type="capsule" fromto="-0.2 0 0 0.2 0 0" size="0.03"/></body></worldbody>
          <actuator><position name="a" joint="swing" kp="3" kv="0.3" ctrlrange="-1 1"/></actuator>)"},
      {"soft_body",
       R"(<option timestep="0.002" integrator="implicitfast" solver="CG"/><worldbody>
          <geom type="plane" size="2 2 0.1"/>
          <flexcomp name="jelly" type="grid" count="3 3 3" spacing="0.1 0.1 0.1" dim="3" radius="0.01" mass="1"
           pos="0 0 0.2"><elasticity young="2e4" poisson="0.2" damping="0.01"/>
          <contact selfcollide="none"/></flexcomp>
          <body name="rod" pos="0 0 0.5"><joint name="fall" type="slide" axis="0 0 1"/>
          <geom size="0.08"/></body></worldbody>
          <actuator><velocity name="a" joint="fall" kv="3" ctrlrange="-1 1"/></actuator>)"},
      {"everything_of_a_task", knee(R"(<position name="a" @ kp="20" kv="2"/>)"),
       "[[observation]]\nname = \"late\"\nexpr = '[command(\"go\"), prev(qvel(\"knee\"))]'\nnoise = 0.1\n"
       "delay_steps = [0, 3]\nhistory = 2\n"
       "[action]\nmap = \"ctrlrange\"\ndelay_steps = [0, 2]\nema = 0.3\n"
       "[[command]]\nname = \"go\"\nlow = -1\nhigh = 1\nresample = [0.02, 0.1]\n"
       "[[event]]\nop = \"randomize\"\nfield = \"body_mass\"\nnames = \"*\"\nlow = 0.5\nhigh = 2\n"
       "[[event]]\nop = \"randomize\"\nfield = \"dof_armature\"\nnames = \"*\"\nlow = 0.01\nhigh = 0.1\n"
       "mode = \"set\"\n"},
  };
}

}  // namespace

const std::vector<EngineFeature>& engine_features() {
  static const std::vector<EngineFeature> all = [] {
    std::vector<EngineFeature> list = actuators();
    for (EngineFeature& feature : plugins()) list.push_back(std::move(feature));
    for (EngineFeature& feature : sensors_and_contacts()) list.push_back(std::move(feature));
    for (EngineFeature& feature : everything_else()) list.push_back(std::move(feature));
    return list;
  }();
  return all;
}

std::shared_ptr<const Task> load_feature(const EngineFeature& feature) {
  const ScratchFolder folder;
  folder.write("robot.xml", "<mujoco><compiler angle=\"radian\"/>" + feature.model + "</mujoco>");
  const std::string sensor = feature.model.find("<sensor>") == std::string::npos ? "" : ", sensor(\"*\")";
  return Task::load(folder.write(
      "robot.toml",
      "schema = 1\nid = \"test/robot\"\nmodel = \"robot.xml\"\ncontrol_dt = 0.02\nepisode_steps = 12\n"
      "[reward]\nexpr = 'qvel()[0] + 0.01 * norm(qacc())'\n"
      "[[observation]]\nname = \"state\"\nexpr = '[flatten(qpos()), flatten(qvel()), flatten(qacc())]'\n"
      "[[observation]]\nname = \"forces\"\nexpr = '[flatten(actuator_force(\"*\"))" +
          sensor +
          "]'\n"
          "[[reset]]\nop = \"normal\"\nfield = \"qvel\"\nstd = 0.3\n" +
          feature.task));
}

}  // namespace reverie::sim
