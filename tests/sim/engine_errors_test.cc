// An engine that gives up in the middle of an episode ends that episode, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cmath>

#include "sim/env.h"
#include "sim/vector_env.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

// Between 0.1 and 0.13 s of simulated time the engine meets an error of its own.
void fail_early(const mjModel*, mjData* data) {
  if (data->time > 0.1 && data->time < 0.13) mju_error("stack overflow of %d bytes", 7);
}

class EngineErrors : public testing::Test {
 protected:
  EngineErrors() { mjcb_control = fail_early; }
  ~EngineErrors() override { mjcb_control = nullptr; }

  std::shared_ptr<const Task> task_ = load_arm(arm_task());
};

TEST_F(EngineErrors, AreDivergedEpisodes) {
  Env env(task_);
  const std::vector<float> action(static_cast<size_t>(env.spec().action_dim), 0.1f);
  for (uint64_t episode = 0; episode < 3; ++episode) {  // each one starts sound
    env.reset(1, episode);
    StepResult result;
    int steps = 0;
    while (!result.diverged && steps < 100) result = env.step(action), ++steps;
    ASSERT_TRUE(result.diverged);
    EXPECT_GE(steps, 2);
    EXPECT_LT(steps, 20);
    EXPECT_EQ(result.reward, 0.0);
    EXPECT_FALSE(result.terminated || result.truncated);
    EXPECT_THAT(env.divergence(), testing::HasSubstr("stack overflow of 7 bytes. Time = "));
    for (const double value : env.observation()) EXPECT_TRUE(std::isfinite(value));
  }
}

// Episodes of an environment behind a failure are those of a fresh one.
TEST_F(EngineErrors, LeaveNothingBehind) {
  Env failed(task_), fresh(task_);
  const std::vector<float> action(static_cast<size_t>(failed.spec().action_dim), 0.1f);
  failed.reset(1, 0);
  while (!failed.step(action).diverged) {
  }
  mjcb_control = nullptr;
  failed.reset(1, 1), fresh.reset(1, 1);
  for (int step = 0; step < 20; ++step) {
    ASSERT_EQ(failed.step(action).reward, fresh.step(action).reward);
    ASSERT_TRUE(std::ranges::equal(failed.observation(), fresh.observation())) << step;
  }
}

TEST_F(EngineErrors, SolversThatNeverEndAreRefused) {
  const auto error_with = [](const std::string& option) {
    const ScratchFolder folder;
    std::string model = kArmModel;
    folder.write("arm.xml", model.insert(model.find('>') + 1, "<option " + option + "/>"));
    try {
      Task::load(folder.write("arm.toml", arm_task()));
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string("loads");
  };
  EXPECT_EQ(error_with("iterations='500'"), "loads");
  for (const char* name : {"iterations", "ls_iterations", "noslip_iterations", "ccd_iterations",
                           "sdf_iterations", "sdf_initpoints"}) {
    EXPECT_THAT(error_with(std::string(name) + "='2000000000'"),
                testing::HasSubstr(std::string("option ") + name + " is 2000000000, at most 10000"));
  }
}

}  // namespace
}  // namespace reverie::sim
