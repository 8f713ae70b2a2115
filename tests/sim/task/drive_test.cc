// A task's [drive], and what a robot without one gets.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;

TEST(Drive, EveryActionHasKeysByDefault) {
  const auto task = load_arm(arm_task());
  const std::vector<DriveControl>& drive = task->drive();
  ASSERT_EQ(std::ssize(drive), task->spec().action_dim);
  EXPECT_EQ(drive[0].more, "D");
  EXPECT_EQ(drive[0].less, "A");
  EXPECT_EQ(drive[0].stick, "left_x");
  EXPECT_EQ(drive[0].mouse, "x");
  for (size_t i = 0; i < drive.size(); ++i) {
    EXPECT_FALSE(drive[i].name.empty());
    for (size_t j = 0; j < drive.size(); ++j) EXPECT_EQ(drive[i].actions[j], i == j ? 1.0 : 0.0);
  }
}

TEST(Drive, OfTheTaskFileReplacesTheDefaultAndLeavesTheHash) {
  const auto plain = load_arm(arm_task());
  const std::string name = plain->drive()[0].name;
  const auto task =
      load_arm(arm_task("[drive.lift]\nkeys = [\"UpArrow\", \"DownArrow\"]\nstick = \"right_y\"\n"
                        "mouse = \"y\"\nactions = { " +
                        name + " = -0.5 }\n"));
  ASSERT_EQ(task->drive().size(), 1u);
  const DriveControl& lift = task->drive()[0];
  EXPECT_EQ(lift.name, "lift");
  EXPECT_EQ(fmt::format("{}{}{}{}", lift.more, lift.less, lift.stick, lift.mouse),
            "UpArrowDownArrowright_yy");
  EXPECT_EQ(lift.actions[0], -0.5);
  EXPECT_EQ(task->spec().hash, plain->spec().hash);
}

TEST(Drive, WhatIsWrongIsNamed) {
  EXPECT_THAT(load_error(arm_task("[drive.lift]\nkeys = [\"UpArow\", \"S\"]\nactions = {}\n")),
              HasSubstr("unknown key 'UpArow' (did you mean 'UpArrow'?)"));
  EXPECT_THAT(load_error(arm_task("[drive.lift]\nkeys = [\"S\"]\nactions = {}\n")),
              HasSubstr("expected two"));
  EXPECT_THAT(load_error(arm_task("[drive.lift]\nkeys = [\"S\", \"S\"]\nactions = {}\n")),
              HasSubstr("'S' is used twice"));
  EXPECT_THAT(load_error(arm_task("[drive.lift]\nactions = { nobody = 1.0 }\n")),
              HasSubstr("no control is called 'nobody'"));
  EXPECT_THAT(load_error(arm_task("[drive.lift]\nkeys = [\"S\", \"W\"]\n")), HasSubstr("actions"));
}

}  // namespace
}  // namespace reverie::sim
