// The loop beside which environments are timed must do the same physics, or the comparison says nothing.
#include "bench/raw_loop.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"
#include "contract/rng.h"
#include "sim/env.h"

namespace reverie::bench {
namespace {

constexpr int kCount = 3, kSteps = 20;

std::vector<float> random_actions(const contract::EnvSpec& spec, int steps) {
  contract::Rng rng(1, 0, contract::Stream::kPolicy);
  std::vector<float> actions(static_cast<size_t>(steps * kCount * spec.action_dim));
  for (float& a : actions) a = static_cast<float>(rng.uniform(-1.0, 1.0));
  return actions;
}

class RawLoopOf : public testing::TestWithParam<const char*> {};

TEST_P(RawLoopOf, EndsInTheStatesOfTheEnvironmentToTheLastBit) {
  const auto task = sim::Task::load(GetParam());
  const auto width = static_cast<size_t>(task->spec().action_dim);
  const std::vector<float> actions = random_actions(task->spec(), kSteps);
  RawLoop loop(task, kCount, 5, actions);
  base::ThreadPool pool(2);
  loop.play(pool);
  loop.rewind();  // a second time as the first
  std::vector<double> mine(static_cast<size_t>(task->spec().physics_dim)), wanted = mine, start = mine;
  sim::Env env(task);
  for (size_t i = 0; i < kCount; ++i) {
    env.reset(5, i);
    env.copy_physics_state(start);
    loop.copy_physics_state(static_cast<int>(i), mine);
    EXPECT_EQ(mine, start);
  }
  loop.play(pool);
  for (size_t i = 0; i < kCount; ++i) {
    env.reset(5, i);
    env.copy_physics_state(start);
    for (size_t t = 0; t < kSteps; ++t) env.step(std::span(actions).subspan((t * kCount + i) * width, width));
    env.copy_physics_state(wanted);
    loop.copy_physics_state(static_cast<int>(i), mine);
    EXPECT_EQ(mine, wanted) << "episode " << i;
    EXPECT_NE(mine, start);
  }
}

// Substeps 1 with RK4, 1 and several with Euler.
INSTANTIATE_TEST_SUITE_P(Tasks, RawLoopOf,
                         testing::Values("dmc/cartpole-swingup", "dmc/walker-walk", "dmc/cheetah-run"));

TEST(RawLoop, RefusesWhatItCannotRepeat) {
  const auto task = sim::Task::load("dmc/cartpole-swingup");
  const std::vector<float> actions = random_actions(task->spec(), task->spec().episode_steps + 2);
  EXPECT_THROW(RawLoop(task, kCount, 5, actions), base::UserError);
  const auto pushed = sim::Task::load("reverie/scout");
  EXPECT_THROW(RawLoop(pushed, kCount, 5, random_actions(pushed->spec(), 1)), base::UserError);
}

}  // namespace
}  // namespace reverie::bench
