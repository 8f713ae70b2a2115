// reverie replay: what comes out equals an environment stepped by hand; broken tables are
// named by line and column.
#include "sim/physics_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "sim/env.h"
#include "sim/inspect/inspect.h"
#include "sim/model.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;

std::vector<std::vector<double>> rows_of(const std::string& csv) {
  std::vector<std::vector<double>> out;
  std::istringstream lines(csv);
  std::string line, cell;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    out.emplace_back();
    while (std::getline(cells, cell, ',')) out.back().push_back(std::stod(cell));
  }
  return out;
}

std::string replayed(const std::string& task, const std::string& csv) {
  std::istringstream in(csv);
  std::ostringstream out;
  step_csv(Task::load(task), in, "in.csv", out);
  return out.str();
}

std::string csv_error(const std::string& csv) {
  try {
    replayed("dmc/reacher-easy", csv);
    return "";
  } catch (const base::UserError& error) {
    return error.what();
  }
}

const std::string kHeader = "ctrl_1,reset,qpos_0,qpos_1,qvel_0,qvel_1,ctrl_0,mocap_target_y,mocap_target_x\n";

TEST(Replay, EqualsAnEnvironmentSteppedByHand) {
  const std::string out = replayed("dmc/reacher-easy", kHeader +
                                                           "0,1,0.5,1.25,0.1,-0.2,0,0.08,0.13\n"
                                                           "-0.5,0,,,,,0.25,,\n"
                                                           "2.5,0,9,9,9,9,-3,9,9\n"
                                                           "0,1,0,0,0,0,0,0.1,0.1\n");
  EXPECT_THAT(
      out,
      testing::StartsWith(
          "reward,terminated,truncated,obs_0,obs_1,obs_2,obs_3,obs_4,obs_5,qpos_0,qpos_1,qvel_0,qvel_1\n"));
  const auto rows = rows_of(out);
  ASSERT_EQ(rows.size(), 4u);
  Env env(Task::load("dmc/reacher-easy"));
  const auto check = [&](const std::vector<double>& row, double reward) {
    ASSERT_EQ(row.size(), 13u);
    EXPECT_EQ(row[0], reward);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(row[3 + i], env.observation()[i]);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(row[9 + i], env.data()->qpos[i]);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(row[11 + i], env.data()->qvel[i]);
  };
  const std::vector<double> still = {1, 0, 0, 0};
  env.reset_to(std::vector<double>{0.5, 1.25}, std::vector<double>{0.1, -0.2}, {},
               std::vector<double>{0.13, 0.08, 0.01}, still, 0, 0);
  check(rows[0], 0.0);
  check(rows[1], env.step_raw(std::vector<double>{0.25, -0.5}).reward);
  check(rows[2], env.step_raw(std::vector<double>{-3, 2.5}).reward);
  env.reset_to(std::vector<double>{0, 0}, std::vector<double>{0, 0}, {}, std::vector<double>{0.1, 0.1, 0.01},
               still, 0, 1);
  check(rows[3], 0.0);
}

TEST(Replay, NamesWhatIsWrong) {
  EXPECT_EQ(csv_error(""), "in.csv: empty, expected a header line");
  EXPECT_THAT(csv_error("reset,qpos_0\n"), HasSubstr("in.csv:1: column 'ctrl_0' is missing"));
  EXPECT_THAT(csv_error("rest," + kHeader),
              HasSubstr("in.csv:1: unknown column 'rest' (did you mean 'reset'?)"));
  EXPECT_THAT(csv_error("reset," + kHeader), HasSubstr("column 'reset' appears twice"));
  EXPECT_THAT(csv_error(kHeader + "0,0,0,0,0,0,0,0,0\n"),
              HasSubstr("in.csv:2: column 'reset': the first row must be a reset"));
  const std::string first = kHeader + "0,1,0,0,0,0,0,0,0\n";
  EXPECT_THAT(csv_error(first + "0,0,0,0,0,0,nan,0,0\n"),
              HasSubstr("in.csv:3: column 'ctrl_0': 'nan' is not finite"));
  EXPECT_THAT(csv_error(first + "0,0,0,0,0,0,1x,0,0\n"),
              HasSubstr("in.csv:3: column 'ctrl_0': '1x' is no number"));
  EXPECT_THAT(csv_error(first + "0,0,0,0,0,0,,0,0\n"),
              HasSubstr("in.csv:3: column 'ctrl_0': '' is no number"));
  EXPECT_THAT(csv_error(first + "0,0,0\n"),
              HasSubstr("in.csv:3: column 'qpos_1': expected 9 columns, found 3"));
  EXPECT_THAT(csv_error(first + "0,2,0,0,0,0,0,0,0\n"), HasSubstr("column 'reset': expected 0 or 1"));
  EXPECT_THAT(csv_error(kHeader + "0,1,0,inf,0,0,0,0,0\n"),
              HasSubstr("in.csv:2: column 'qpos_1': 'inf' is not finite"));
}

TEST(Replay, FreshResetsAreThoseOfTheEnvironment) {
  const auto task = Task::load("dmc/finger-turn_easy");
  std::ostringstream out;
  csv_of_resets(task, 5, 11, out);
  const auto rows = rows_of(out.str());
  ASSERT_EQ(rows.size(), 5u);
  Env env(task);
  for (int i = 0; i < 5; ++i) {
    env.reset(11, i);
    EXPECT_EQ(rows[i][0], 0.0);
    for (int k = 0; k < 12; ++k) EXPECT_EQ(rows[i][3 + k], env.observation()[k]);
  }
}

TEST(Inspect, FactsOfAModel) {
  const ScratchFolder folder;
  const ModelFacts facts = inspect_model(folder.write("arm.xml", kArmModel));
  EXPECT_EQ(facts.nq, 10);
  EXPECT_EQ(facts.nv, 9);
  EXPECT_EQ(facts.actuators.at(1).name, "shoulder");
  EXPECT_EQ(facts.actuators.at(1).drives, "joint shoulder");
  EXPECT_EQ(facts.actuators.at(1).high, 3.0);
  EXPECT_EQ(facts.keyframes, std::vector<std::string>{"home"});
  EXPECT_EQ(facts.mocap_bodies, std::vector<std::string>{"goal"});
  EXPECT_NEAR(facts.suggested_control_dt, 0.02, 1e-12);
  EXPECT_EQ(facts.initial_contacts.size(), 1u);  // the ball touches the floor
  EXPECT_TRUE(facts.stable);
  EXPECT_LT(facts.energy_rise, 0.1);
  EXPECT_THAT(to_text(facts), HasSubstr("suggested control_dt 0.02"));
  const std::string broken = folder.write("broken.xml", "<mujoco><worldbody><bdy/></worldbody></mujoco>");
  EXPECT_THROW(inspect_model(broken), base::UserError);
}

}  // namespace
}  // namespace reverie::sim
