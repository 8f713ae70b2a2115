// Models that use the engine's own plugins are played, restored and inspected; others are refused.
#include "sim/plugins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "sim/env.h"
#include "sim/model.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A servo with an integral part, whose target moves at a limited speed.
constexpr const char* kServo = R"(<mujoco><extension><plugin plugin="mujoco.pid"><instance name="p">
  <config key="kp" value="8"/><config key="ki" value="3"/><config key="kd" value="0.5"/><config key="imax" value="4"/>
  <config key="slewmax" value="2"/></instance></plugin></extension>
  <worldbody><body><joint name="j" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0.3 0 0" size="0.03"/></body></worldbody>
  <actuator><plugin name="servo" joint="j" plugin="mujoco.pid" instance="p" actdim="2" ctrlrange="-1 1"/></actuator>
  </mujoco>)";

constexpr const char* kGrid = R"(<mujoco><extension><plugin plugin="mujoco.sensor.touch_grid"/></extension>
  <worldbody><geom type="plane" size="2 2 1"/><body pos="0 0 0.12"><joint name="j" type="slide" axis="0 0 1"/>
  <geom size="0.1"/><site name="palm" pos="0 0 0.05" euler="180 0 0"/></body></worldbody>
  <actuator><motor joint="j" ctrlrange="-9 9"/></actuator>
  <sensor><plugin name="grid" plugin="mujoco.sensor.touch_grid" objtype="site" objname="palm"><config key="size" value="4 5"/>
  <config key="fov" value="60 60"/><config key="gamma" value="0"/><config key="nchannel" value="1"/></plugin></sensor></mujoco>)";

constexpr const char* kCable = R"(<mujoco><extension><plugin plugin="mujoco.elasticity.cable"/></extension>
  <worldbody><composite type="cable" curve="s" count="6 1 1" size="1" offset="0 0 1" initial="none">
  <plugin plugin="mujoco.elasticity.cable"><config key="twist" value="1e6"/><config key="bend" value="4e6"/></plugin>
  <joint kind="main" damping="0.1"/><geom type="capsule" size="0.01"/></composite></worldbody>
  <actuator><motor site="S_last" gear="0 0 0 1 0 0" ctrlrange="-0.03 0.03"/></actuator></mujoco>)";

constexpr const char* kTorus = R"(<mujoco><extension><plugin plugin="mujoco.sdf.torus"><instance name="t">
  <config key="radius1" value="0.35"/><config key="radius2" value="0.15"/></instance></plugin></extension>
  <asset><mesh name="t"><plugin instance="t"/></mesh></asset>
  <worldbody><geom type="plane" size="2 2 1"/><body pos="0 0 0.5" euler="80 0 0"><freejoint name="free"/>
  <geom type="sdf" mesh="t"><plugin instance="t"/></geom></body></worldbody>
  <actuator><motor joint="free" gear="1 0 0 0 0 0" ctrlrange="-9 9"/></actuator></mujoco>)";

std::string task_text(const std::string& more) {
  return "schema = 1\nid = \"t\"\nmodel = \"m.xml\"\ncontrol_dt = 0.02\nepisode_steps = "
         "60\n[[observation]]\nname = "
         "\"o\"\nexpr = '[qpos(), qvel()" +
         more + "]'\n[reward]\nexpr = '1'\n";
}

std::string error_of(const std::string& path) {
  try {
    load_model(path);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

// Actions of a sign that changes now and then.
std::vector<double> play(Env& env, int from, int to) {
  std::vector<double> out;
  for (int step = from; step < to; ++step) {
    std::vector<float> action(env.spec().action_high);
    for (float& value : action) value *= (step / 7) % 2 == 0 ? 0.9f : -0.4f;
    env.step(action);
    out.insert(out.end(), env.observation().begin(), env.observation().end());
  }
  return out;
}

TEST(Plugins, AnEpisodeGoesOnExactlyFromAnyStoredState) {
  const std::vector<std::pair<const char*, std::string>> models = {
      {kServo, ", act()"}, {kGrid, ", sensor(\"grid\")"}, {kCable, ""}, {kTorus, ""}};
  for (const auto& [model, more] : models) {
    SCOPED_TRACE(std::string(model).substr(0, 70));
    const ScratchFolder folder;
    folder.write("m.xml", model);
    const auto task = Task::load(folder.write("t.toml", task_text(more)));
    for (const int stored : {1, 20, 40}) {
      Env env(task), other(task);
      env.reset(1, 0);
      play(env, 0, stored);
      std::vector<double> physics(task->spec().physics_dim), state(task->spec().task_dim);
      env.copy_physics_state(physics);
      env.copy_task_state(state);
      other.restore(physics, state, 1, 0, stored);
      const std::vector<double> expected = play(env, stored, stored + 15),
                                found = play(other, stored, stored + 15);
      EXPECT_EQ(found, expected) << "stored after " << stored << " steps";
      EXPECT_GT(expected.back(), -1e9);  // and is finite
    }
  }
}

TEST(Plugins, TheyAreLoadedOnceHoweverManyThreadsAsk) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([] { load_plugins(); });
  threads.clear();
  const std::vector<std::string> names = plugin_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(Plugins, TheEnginesOwnAreThere) {
  EXPECT_THAT(plugin_names(), testing::IsSupersetOf({"mujoco.elasticity.cable", "mujoco.pid",
                                                     "mujoco.sdf.torus", "mujoco.sensor.touch_grid"}));
}

TEST(Plugins, AnUnknownOneIsNamedWithThoseThatExist) {
  const ScratchFolder folder;
  EXPECT_THAT(
      error_of(folder.write("a.xml", "<mujoco><extension><plugin plugin='mine.pid'/></extension></mujoco>")),
      AllOf(HasSubstr("plugin mine.pid not found"), HasSubstr("mujoco.pid, mujoco.sdf.bolt")));
}

}  // namespace
}  // namespace reverie::sim
