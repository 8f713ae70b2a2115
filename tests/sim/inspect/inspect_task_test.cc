// The facts of a task, as text and as JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/inspect/inspect.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;

TEST(InspectTask, TellsTheMechanics) {
  const auto walker = Task::load("dmc/walker-walk");
  const std::string text = describe_task(*walker);
  EXPECT_THAT(text, HasSubstr("bodies 7, limited joints 6 of 9, touch points 14 on planes 1, ignored: x\n"));
  EXPECT_THAT(text, HasSubstr("24 of 24 observed numbers follow from positions or velocities\n"));
  const nlohmann::json facts = task_to_json(*walker).at("mechanics");
  EXPECT_EQ(facts.at("touch_points"), 14);
  EXPECT_EQ(facts.at("ignored"), nlohmann::json({"x"}));
  EXPECT_EQ(facts.at("observation_sources").at("velocity"), 9);
  EXPECT_EQ(facts.at("observation_sources").at("body_rotation"), 12);

  const auto humanoid = Task::load("dmc/humanoid-walk");
  EXPECT_EQ(task_to_json(*humanoid).at("mechanics").at("ignored"), nlohmann::json({"root[0]", "root[1]"}));
  EXPECT_THAT(describe_task(*humanoid), HasSubstr("52 of 67 observed numbers"));
  EXPECT_THAT(describe_task(*Task::load("dmc/cartpole-swingup")), HasSubstr("ignored: nothing\n"));
}

TEST(InspectTask, SaysWhatSuitsATraining) {
  const auto spin = Task::load("dmc/finger-spin"), walker = Task::load("dmc/walker-walk");
  EXPECT_EQ(task_to_json(*spin).at("training"), nlohmann::json({"learner.imagination_horizon=1"}));
  EXPECT_THAT(describe_task(*spin), testing::ContainsRegex("training +learner.imagination_horizon=1\n"));
  EXPECT_TRUE(task_to_json(*walker).at("training").empty());
  EXPECT_THAT(describe_task(*walker), testing::Not(testing::HasSubstr("training")));
}

}  // namespace
}  // namespace reverie::sim
