// Actions of float64 that are stepped as they are.
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <vector>

#include "sim/env.h"
#include "sim/task/task.h"
#include "sim/vector_env.h"

namespace reverie::sim {
namespace {

TEST(ExactActions, AreTheControlsThemselves) {
  const auto task = Task::load("dmc/cartpole-swingup");
  base::ThreadPool pool(1);
  VectorEnv exact(task, 2, 5, 0, pool), rounded(task, 2, 5, 0, pool);
  Env raw(task);
  raw.reset(5, 1);
  exact.set_recording(true);
  exact.reset();
  rounded.reset();
  const auto state = [&](const VectorEnv& envs, int i) {
    std::vector<double> out(static_cast<size_t>(task->spec().physics_dim));
    envs.copy_physics_state(i, out);
    return out;
  };
  const std::vector<double> actions = {0.5, 0.1};  // float32 has only the first
  exact.step_exact(actions, 2);
  rounded.step(std::vector<float>(actions.begin(), actions.end()), 2);
  for (int k = 0; k < 2; ++k) raw.step_raw({&actions[1], 1});
  std::vector<double> expected(static_cast<size_t>(task->spec().physics_dim));
  raw.copy_physics_state(expected);
  EXPECT_EQ(state(exact, 0), state(rounded, 0));
  EXPECT_EQ(state(exact, 1), expected);
  EXPECT_NE(state(exact, 1), state(rounded, 1));
  EXPECT_EQ(exact.running(1).actions, (std::vector<float>{0.1F, 0.1F}));
  const std::vector<double> unknown = {0.5, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_THROW(exact.step_exact(unknown), std::runtime_error);
}

}  // namespace
}  // namespace reverie::sim
