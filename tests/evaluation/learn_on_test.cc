#include "evaluation/learn_on.h"

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "policies/actor_policy.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/trainer.h"

namespace reverie::evaluation {
namespace {

class LearnOnTest : public ::testing::Test {
 protected:
  void SetUp() override {
    tensor::set_learner_threads(1);
    training::TrainConfig config = training::small_learning();
    config.env_steps = 1200;  // one episode ends
    config.random_steps = 240;
    config.envs = 1;
    config.updates_per_decision = 0.1;
    config.eval_every = 0;
    training::train(config, path());
  }
  std::filesystem::path path() const { return directory_.path() / "run"; }

  // What `policy` does in one place.
  static std::vector<float> action(contract::Policy& policy, const training::Run& run) {
    const std::vector<float> observation(static_cast<size_t>(run.task->spec().observation_dim), 0.3f);
    const std::vector<contract::DrawKey> keys(1);
    std::vector<float> action(static_cast<size_t>(run.task->spec().action_dim));
    policy.reset(1);
    policy.act({.observations = observation, .keys = keys}, action);
    return action;
  }

  base::TemporaryDirectory directory_;
};

TEST_F(LearnOnTest, GoesOnFromTheRunsPolicyAndLeavesTheRunAlone) {
  const training::Run run = training::open_run(path());
  const auto own = policies::actor_policy(run.agent);
  const std::vector<float> before = action(*own, run);
  const auto go_on = learn_on(run);
  EXPECT_EQ(action(*go_on(0), run), before);
  const std::vector<float> after = action(*go_on(30), run);
  EXPECT_NE(after, before);
  EXPECT_EQ(action(*own, run), before);
  EXPECT_EQ(action(*learn_on(run)(30), run), after);  // a function of run and updates
}

TEST_F(LearnOnTest, NeedsTheEpisodes) {
  const training::Run run = training::open_run(path());
  const auto go_on = learn_on(run);
  std::filesystem::remove_all(path() / "episodes");
  EXPECT_THROW(go_on(1), base::UserError);
}

}  // namespace
}  // namespace reverie::evaluation
