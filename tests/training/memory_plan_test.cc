#include "training/memory_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/task/task.h"
#include "tests/training/support.h"
#include "training/data/replay_buffer.h"
#include "training/run.h"

namespace reverie::training {
namespace {

using testing::HasSubstr;

TrainConfig long_config() {
  TrainConfig config;
  config.env_steps = 2000000;
  config.replay_steps = 1000000;
  return config;
}

// A replay that is full takes what was planned, within a few hundredths.
TEST(MemoryPlan, IsWhatAFullReplayTakes) {
  const auto task = sim::Task::load("dmc/cartpole-swingup");
  const contract::EnvSpec& spec = task->spec();
  TrainConfig config = long_config();
  config.replay_steps = 20000;
  ReplayBuffer replay(spec, static_cast<int>(config.action_repeat), config.replay_steps);
  const std::vector<float> row(static_cast<size_t>(contract::row_width(spec)), 0.0f),
      action(static_cast<size_t>(spec.action_dim), 0.0f);
  for (uint64_t episode = 0; episode < 25; ++episode) {
    replay.begin(0, episode, row);
    for (int t = 0; t < spec.episode_steps; ++t)
      replay.append(0, action, 0.0f, row, false, t + 1 == spec.episode_steps);
  }
  const double taken = static_cast<double>(replay.bytes()) / (1024.0 * 1024.0);
  const double planned = plan_memory(spec, config, false, 0.0).replay;
  EXPECT_GE(planned, taken);
  EXPECT_LE(planned, 1.2 * taken);
}

TEST(MemoryPlan, AboveTheLimitTheReplayGoesToTheDisk) {
  const auto task = sim::Task::load("dmc/walker-walk");
  TrainConfig config = long_config();
  const MemoryPlan plan = plan_memory(task->spec(), config, false, 300.0);
  config.max_memory = plan.total() + 1.0;
  EXPECT_EQ(fit_memory(plan, config, Begun::kNo).spilled, 0.0);
  config.max_memory = 300.0 + plan.episodes + plan.replay / 2.0;
  const MemoryPlan fitting = fit_memory(plan, config, Begun::kNo);
  EXPECT_DOUBLE_EQ(fitting.total(), config.max_memory);
  EXPECT_DOUBLE_EQ(fitting.spilled, plan.replay / 2.0);
  EXPECT_THAT(memory_text(fitting), HasSubstr("of it on the disk"));
}

// Episodes in progress and those that wait for a checkpoint stay in memory.
TEST(MemoryPlan, BelowWhatMustStayItNamesALimitThatWouldDo) {
  const auto task = sim::Task::load("dmc/walker-walk");
  TrainConfig config = long_config();
  config.max_memory = 10.0;
  const MemoryPlan plan = plan_memory(task->spec(), config, false, 300.0);
  const std::string error = error_of([&] { fit_memory(plan, config, Begun::kNo); });
  EXPECT_THAT(error, HasSubstr("is needed"));
  const std::string number = "at least max_memory=";
  config.max_memory = std::stod(error.substr(error.find(number) + number.size()));
  EXPECT_GT(fit_memory(plan, config, Begun::kNo).spilled, 0.0);
  EXPECT_EQ(memory_warning(fit_memory(plan, config, Begun::kNo), config), "");
}

// A process that goes on has read a checkpoint and may need a little more than the one that began.
TEST(MemoryPlan, ARunThatHasBegunGoesOnUnderItsLimit) {
  const auto task = sim::Task::load("dmc/walker-walk");
  TrainConfig config = long_config();
  config.max_memory = 10.0;
  const MemoryPlan plan = plan_memory(task->spec(), config, false, 300.0);
  const MemoryPlan fitting = fit_memory(plan, config, Begun::kYes);
  EXPECT_DOUBLE_EQ(fitting.replay, fitting.running);
  EXPECT_DOUBLE_EQ(fitting.replay + fitting.spilled, plan.replay);
  EXPECT_THAT(memory_warning(fitting, config), HasSubstr("max_memory=10: the run goes on with more"));
  TrainConfig data = config;
  data.data = "somewhere";
  EXPECT_EQ(fit_memory(plan_memory(task->spec(), data, false, 300.0), data, Begun::kYes).spilled, 0.0);
}

TEST(MemoryPlan, SaysWhatModelOptimisersAndUpdatesTake) {
  const auto task = sim::Task::load("dmc/walker-walk");
  TrainConfig config = long_config();
  MemoryPlan plan = plan_memory(task->spec(), config, false, 300.0);
  const double before = plan.total();
  add_learner(plan, make_agent(task->spec(), config, 1, tensor::kCpu)->weights(), config);
  EXPECT_GT(plan.model, 0.0);
  EXPECT_GT(plan.optimizer, plan.model);
  EXPECT_DOUBLE_EQ(plan.total(), before + plan.update);
  EXPECT_THAT(memory_text(plan), HasSubstr(" an update, "));
  MemoryPlan larger = plan;
  config.learner.batch_size *= 2;
  add_learner(larger, make_agent(task->spec(), config, 1, tensor::kCpu)->weights(), config);
  EXPECT_GT(larger.update, 1.2 * plan.update);
  config.updates_per_decision = 0.0;
  MemoryPlan collecting = plan_memory(task->spec(), config, false, 300.0);
  add_learner(collecting, make_agent(task->spec(), config, 1, tensor::kCpu)->weights(), config);
  EXPECT_EQ(collecting.update, 0.0);
}

}  // namespace
}  // namespace reverie::training
