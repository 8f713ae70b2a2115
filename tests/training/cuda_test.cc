// Training on the GPU: whole, broken and gone on with, and opened on the CPU. Skipped where there is no GPU.
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <cmath>

#include "base/temporary_directory.h"
#include "tests/training/support.h"
#include "training/run.h"
#include "training/trainer.h"

namespace reverie::training {
namespace {

TEST(CudaTraining, GoesOnAfterAStopAndOpensOnTheCpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  const base::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "run";
  TrainConfig config = small_learning();
  config.device = "cuda";
  config.env_steps = 1000;
  config.random_steps = 400;
  config.envs = 8;
  config.updates_per_decision = 1.0;
  config.collect_think = std::string{"1"};
  config.checkpoint_every = 480;
  config.log_every = 100;
  config.eval_episodes = 1;

  base::Stop stop;
  TrainHooks hooks;
  hooks.stop = &stop;
  hooks.on_progress = [&](const TrainProgress& progress) {
    if (progress.env_steps >= 700) stop.request();
  };
  EXPECT_TRUE(train(config, path, hooks).interrupted);
  EXPECT_EQ(resume_training(path).updates, 504);

  const training::Run on_cuda = open_run(path), on_cpu = open_run(path, "last", "cpu");
  EXPECT_FALSE(on_cuda.agent->device().is_cpu());
  const std::vector<float> observation(static_cast<size_t>(on_cpu.task->spec().observation_dim), 0.3F);
  std::vector<float> expected(static_cast<size_t>(on_cpu.task->spec().action_dim)), found(expected.size());
  on_cpu.agent->act(observation, expected);
  on_cuda.agent->act(observation, found);
  for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-4);
  EXPECT_TRUE(std::isfinite(expected[0]));
}

}  // namespace
}  // namespace reverie::training
