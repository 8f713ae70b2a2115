// The register of steps knows which environments of a task run the physics, and forgets those that are gone.
#include "sim/step_register.h"

#include <gtest/gtest.h>

#include <optional>

#include "sim/env.h"
#include "sim/task/task_impl.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

TEST(StepRegister, KnowsWhichEnvironmentsAreWithinACall) {
  const auto task = load_arm(arm_task());
  EXPECT_TRUE(running_steps(*task).empty());
  Env first(task);
  std::optional<Env> second(task);
  first.reset(1, 0);
  const std::vector<float> action(static_cast<size_t>(first.spec().action_dim), 0.0f);
  for (int i = 0; i < 5; ++i) first.step(action);
  EXPECT_TRUE(running_steps(*task).empty());

  StepSlots slots;
  const auto a = slots.add(), b = slots.add();
  for (int i = 0; i < 3; ++i) const StepCall ended(*b);
  {
    const StepCall call(*b);
    EXPECT_EQ(slots.running(), (std::vector<RunningStep>{{1, 3}}));
    const StepCall other(*a);
    EXPECT_EQ(slots.running(), (std::vector<RunningStep>{{0, 0}, {1, 3}}));
  }
  EXPECT_TRUE(slots.running().empty());
}

// A call that throws has ended too; an environment that is gone leaves no running step.
TEST(StepRegister, ForgetsWhatIsGone) {
  StepSlots slots;
  for (int i = 0; i < 1000; ++i) {
    const auto slot = slots.add();
    slot->calls = 1;
  }
  EXPECT_TRUE(slots.running().empty());
  const auto task = load_arm(arm_task("[[termination]]\nwhen = '1 / qpos(\"slide\") > 1e308'\n"));
  Env env(task);
  try {
    env.reset(1, 0);
  } catch (const std::exception&) {
  }
  EXPECT_TRUE(running_steps(*task).empty());
}

}  // namespace
}  // namespace reverie::sim
