#include "tests/sim/task_files.h"

#include <unistd.h>

#include <atomic>
#include <fstream>

#include "base/error.h"

namespace reverie::sim {

ScratchFolder::ScratchFolder() {
  static std::atomic<int> count = 0;
  path_ = std::filesystem::temp_directory_path() /
          ("reverie-test-" + std::to_string(getpid()) + "-" + std::to_string(count++));
  std::filesystem::create_directories(path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::write(const std::string& name, const std::string& text) const {
  const std::filesystem::path path = path_ / name;
  std::ofstream(path) << text;
  return path.string();
}

const char* const kArmModel = R"(<mujoco model="arm">
  <compiler autolimits="true" angle="radian"/>
  <option timestep="0.005"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 0.1"/>
    <body name="base" pos="0 0 1">
      <joint name="slide" type="slide" axis="1 0 0" range="-2 2" damping="1"/>
      <geom name="base" type="box" size="0.1 0.1 0.1"/>
      <body name="upper" pos="0 0 0.2">
        <joint name="shoulder" axis="0 1 0" damping="0.1"/>
        <geom name="upper" type="capsule" fromto="0 0 0 0 0 0.3" size="0.04"/>
        <body name="lower" pos="0 0 0.3">
          <joint name="elbow" axis="0 1 0" range="-2 1" damping="0.1"/>
          <geom name="lower" type="capsule" fromto="0 0 0 0 0 0.3" size="0.03"/>
          <site name="tip" pos="0 0 0.3"/>
        </body>
      </body>
    </body>
    <body name="ball" pos="1 0 0.1">
      <freejoint name="ball"/>
      <geom name="ball" size="0.1"/>
    </body>
    <body name="goal" mocap="true" pos="0.5 0 1.5"><site name="goal" size="0.05"/></body>
  </worldbody>
  <actuator>
    <motor name="slide" joint="slide" gear="20" ctrlrange="-1 1"/>
    <position name="shoulder" joint="shoulder" kp="10" ctrlrange="-1 3"/>
    <motor name="elbow" joint="elbow" ctrlrange="-1 1"/>
  </actuator>
  <sensor>
    <gyro name="gyro" site="tip"/>
    <jointpos name="elbow_angle" joint="elbow"/>
  </sensor>
  <keyframe>
    <key name="home" qpos="0.1 0.2 -0.3 1 0 0.1 1 0 0 0" ctrl="0 0.2 0"/>
  </keyframe>
</mujoco>
)";

std::string arm_task(const std::string& more) {
  return "schema = 1\nid = \"test/arm\"\nmodel = \"arm.xml\"\ncontrol_dt = 0.02\nepisode_steps = 50\n"
         "[reward]\nexpr = '1 - qpos(\"slide\")**2'\n"
         "[[observation]]\nname = \"position\"\nexpr = 'qpos(\"slide\", \"shoulder\", \"elbow\")'\n" +
         more;
}

std::string arm_task_observing(const std::string& expr) {
  return "schema = 1\nid = \"test/arm\"\nmodel = \"arm.xml\"\ncontrol_dt = 0.02\n"
         "[reward]\nexpr = '0'\n[[observation]]\nname = \"x\"\nexpr = '" +
         expr + "'\n";
}

std::shared_ptr<const Task> load_arm(const std::string& text, const std::vector<std::string>& overrides) {
  const ScratchFolder folder;
  folder.write("arm.xml", kArmModel);
  return Task::load(folder.write("arm.toml", text), overrides);
}

std::string load_error(const std::string& text, const std::vector<std::string>& overrides) {
  try {
    load_arm(text, overrides);
    return "";
  } catch (const base::UserError& error) {
    const std::string what = error.what();
    const size_t slash = what.rfind("/arm.toml");
    return slash == std::string::npos ? what : what.substr(slash + 1);
  }
}

}  // namespace reverie::sim
