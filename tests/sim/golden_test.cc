// Every task against the golden probes: observations, rewards, positions and velocities of 10 control steps.
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "sim/env.h"
#include "sim/task/task.h"

namespace reverie::sim {
namespace {

using nlohmann::json;
constexpr double kTolerance = 1e-9;

struct Probe {
  std::string task;    // our id
  std::string golden;  // entry of the file
  std::string reward;  // key among its rewards; "" when there is one
};

const std::vector<Probe> kProbes = {
    {"dmc/pendulum-swingup", "pendulum_swingup", ""},
    {"dmc/cartpole-balance", "cartpole", "dense"},
    {"dmc/cartpole-balance_sparse", "cartpole", "sparse"},
    {"dmc/cartpole-swingup", "cartpole", "dense"},
    {"dmc/cartpole-swingup_sparse", "cartpole", "sparse"},
    {"dmc/reacher-easy", "reacher", "easy"},
    {"dmc/reacher-hard", "reacher", "hard"},
    {"dmc/acrobot-swingup", "acrobot_swingup", "dense"},
    {"dmc/acrobot-swingup_sparse", "acrobot_swingup", "sparse"},
    {"dmc/finger-spin", "finger_spin", ""},
    {"dmc/finger-turn_easy", "finger_turn_easy", ""},
    {"dmc/finger-turn_hard", "finger_turn_hard", ""},
    {"dmc/ball_in_cup-catch", "ball_in_cup_catch", ""},
    {"dmc/point_mass-easy", "point_mass_easy", ""},
    {"dmc/cheetah-run", "cheetah_run", ""},
    {"dmc/hopper-stand", "hopper", "stand"},
    {"dmc/hopper-hop", "hopper", "hop"},
    {"dmc/walker-stand", "walker", "stand"},
    {"dmc/walker-walk", "walker", "walk"},
    {"dmc/walker-run", "walker", "run"},
    {"dmc/quadruped-walk", "quadruped", "walk"},
    {"dmc/quadruped-run", "quadruped", "run"},
    {"dmc/humanoid-stand", "humanoid", "stand"},
    {"dmc/humanoid-walk", "humanoid", "walk"},
    {"dmc/humanoid-run", "humanoid", "run"},
    {"dmc/manipulator-bring_ball", "manipulator_bring_ball", ""},
};

std::vector<double> numbers(const json& array) { return array.get<std::vector<double>>(); }

double reward_of(const json& value, const std::string& key) {
  return key.empty() ? value.get<double>() : value.at(key).get<double>();
}

// Mocap poses of the probes; everything else stays where the MJCF puts it.
void place_targets(const mjModel* model, const std::string& golden, std::vector<double>& position) {
  const auto place = [&](const char* body, double x, double y, double z) {
    const int64_t id = model->body_mocapid[mj_name2id(model, mjOBJ_BODY, body)];
    position[3 * id] = x, position[3 * id + 1] = y, position[3 * id + 2] = z;
  };
  if (golden == "reacher") place("target", 0.15 * std::sin(1.0), 0.15 * std::cos(1.0), 0.01);
  if (golden.starts_with("finger_turn"))
    place("target", 0.2 + 0.13 * std::sin(1.0), 0.0, 0.4 + 0.13 * std::cos(1.0));
}

class Golden : public testing::TestWithParam<Probe> {};

TEST_P(Golden, MatchesEveryStep) {
  const Probe& probe = GetParam();
  const json all = json::parse(base::read_file(std::string(REVERIE_TEST_DATA) + "/scenes_golden.json"));
  const json& entry = all.at("tasks").at(probe.golden);
  const auto task = Task::load(probe.task);
  Env env(task);
  const mjModel* m = env.model();
  std::vector<double> mocap_pos, mocap_quat;
  for (int64_t body = 0; body < m->nbody; ++body) {
    if (m->body_mocapid[body] < 0) continue;
    mocap_pos.insert(mocap_pos.end(), m->body_pos + 3 * body, m->body_pos + 3 * body + 3);
    mocap_quat.insert(mocap_quat.end(), m->body_quat + 4 * body, m->body_quat + 4 * body + 4);
  }
  place_targets(m, probe.golden, mocap_pos);
  env.reset_to(numbers(entry.at("qpos")), numbers(entry.at("qvel")), std::vector<double>(m->na, 0.0),
               mocap_pos, mocap_quat, 0, 0);

  const std::map<int, const json*> steps = [&] {
    std::map<int, const json*> out;
    for (const json& step : entry.at("steps")) out[step.at("t").get<int>()] = &step;
    return out;
  }();
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_NEAR(task->reward(env.data()), reward_of(steps.at(0)->at("reward_ctrl0"), probe.reward), kTolerance);
  for (int t = 0; t <= 10; ++t) {
    double reward = 0.0;
    if (t > 0) {
      std::vector<double> ctrl;
      ctrl.reserve(m->nu);
      for (int a = 0; a < m->nu; ++a) ctrl.push_back(0.5 * std::sin(t + a));
      const StepResult result = env.step_raw(ctrl);
      ASSERT_FALSE(result.diverged || result.terminated || result.truncated);
      reward = result.reward;
    }
    if (!steps.contains(t)) continue;
    const json& expected = *steps.at(t);
    const std::vector<double> observation = numbers(expected.at("obs"));
    ASSERT_EQ(env.observation().size(), observation.size());
    for (size_t i = 0; i < observation.size(); ++i) {
      EXPECT_NEAR(env.observation()[i], observation[i], kTolerance) << "t " << t << ", observation " << i;
    }
    if (t == 0) continue;
    EXPECT_NEAR(reward, reward_of(expected.at("reward"), probe.reward), kTolerance) << "t " << t;
    const std::vector<double> qpos = numbers(expected.at("qpos")), qvel = numbers(expected.at("qvel"));
    for (size_t i = 0; i < qpos.size(); ++i)
      EXPECT_NEAR(env.data()->qpos[i], qpos[i], kTolerance) << "t " << t;
    for (size_t i = 0; i < qvel.size(); ++i)
      EXPECT_NEAR(env.data()->qvel[i], qvel[i], kTolerance) << "t " << t;
  }
}

// Gymnasium's own environments: rewards from finite differences, terminations, clipped velocities.
TEST(GymGolden, MatchesEveryStep) {
  const json all = json::parse(base::read_file(std::string(REVERIE_TEST_DATA) + "/gym_golden.json"));
  ASSERT_EQ(all.at("tasks").size(), 3u);
  for (const auto& [id, entry] : all.at("tasks").items()) {
    SCOPED_TRACE(id);
    Env env(Task::load(id));
    const mjModel* m = env.model();
    EXPECT_NEAR(mj_getTotalmass(m), entry.at("mass").get<double>(), kTolerance);
    env.reset_to(numbers(entry.at("qpos")), numbers(entry.at("qvel")), {}, {}, {}, 0, 0);
    int t = 0;
    for (const json& expected : entry.at("steps")) {
      StepResult result;
      for (; t < expected.at("t").get<int>(); ++t) {
        std::vector<double> ctrl;
        ctrl.reserve(m->nu);
        for (int a = 0; a < m->nu; ++a) ctrl.push_back(std::sin(t + 1 + a));
        result = env.step_raw(ctrl);
      }
      EXPECT_NEAR(result.reward, expected.at("reward").get<double>(), kTolerance) << t;
      EXPECT_EQ(result.terminated, expected.at("terminated").get<bool>()) << t;
      const std::vector<double> observation = numbers(expected.at("obs"));
      ASSERT_EQ(env.observation().size(), observation.size());
      for (size_t i = 0; i < observation.size(); ++i)
        EXPECT_NEAR(env.observation()[i], observation[i], kTolerance) << t;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Suite, Golden, testing::ValuesIn(kProbes), [](const auto& info) {
  std::string name = info.param.task.substr(4);
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace reverie::sim
