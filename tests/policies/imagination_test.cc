#include "policies/imagination.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "policies/returns.h"
#include "tensor/tensor_io.h"

namespace reverie::policies {
namespace {

class Imagination : public ::testing::Test {
 protected:
  Imagination() {
    config_.latent_dim = 16;
    config_.encoder_dim = config_.hidden_dim = 32;
    contract::Rng rng(1, 0, contract::Stream::kInit);
    model_ = worldmodel::make_world_model(3, 2, true, config_, rng);
    actor_ = make_actor(config_, learner_, 2, rng);
    // A reward head that is not at its initial zero.
    model_.reward.out.weight = tensor::normal_tensor(model_.reward.out.weight.sizes().vec(), rng);
    z_ = worldmodel::encode(model_, tensor::normal_tensor({5, 3}, rng));
    noise_ = tensor::normal_tensor({4, 5, 2}, rng);
  }

  worldmodel::ModelConfig config_;
  LearnerConfig learner_;
  worldmodel::WorldModel model_;
  Actor actor_;
  at::Tensor z_, noise_;
};

TEST_F(Imagination, IsOneStepAfterTheOther) {
  const ImaginedRollout rollout = imagine_policy(model_, actor_, z_, noise_, true);
  ASSERT_EQ(rollout.rewards.size(), 3U);
  at::Tensor z = z_;
  for (int64_t k = 0; k < 3; ++k) {
    const at::Tensor action = sample_action(actor_, z, noise_[k]).action;
    EXPECT_TRUE(at::equal(rollout.rewards[k], worldmodel::predicted_reward(model_, z, action)));
    EXPECT_TRUE(
        at::equal(rollout.continuation[k], worldmodel::continuation_logit(model_, z, action).sigmoid()));
    EXPECT_TRUE(at::equal(rollout.uncertainty[k],
                          worldmodel::disagreement(worldmodel::next_latent_heads(model_, z, action))));
    z = worldmodel::next_latent(model_, z, action);
  }
  EXPECT_TRUE(at::equal(rollout.latent, z));
  EXPECT_TRUE(at::equal(rollout.action, sample_action(actor_, z, noise_[3]).action));
  EXPECT_TRUE(at::equal(rollout.uncertainty[3],
                        worldmodel::disagreement(worldmodel::next_latent_heads(model_, z, rollout.action))));
  EXPECT_EQ(rollout.log_probs.size(), 4U);
}

TEST_F(Imagination, UncertaintyIsRewardedByItsWeight) {
  const ImaginedRollout rollout = imagine_policy(model_, actor_, z_, noise_, true);
  const at::Tensor bootstrap = torch::full({5}, 2.0);
  const at::Tensor plain = rollout_return(rollout, bootstrap, 0.9, 0.0);
  EXPECT_TRUE(at::allclose(
      plain, n_step_return(at::stack(rollout.rewards), at::stack(rollout.continuation), bootstrap, 0.9)));
  const at::Tensor bonus = rollout_return(rollout, bootstrap, 0.9, 2.0) - plain;
  ASSERT_EQ(rollout.uncertainty.size(), 4U);  // of the three decisions and of the action behind them
  const at::Tensor expected = n_step_return(at::stack(rollout.uncertainty).slice(0, 0, 3),
                                            at::stack(rollout.continuation), rollout.uncertainty[3], 0.9);
  EXPECT_TRUE(at::allclose(bonus, 2.0 * expected, 1e-4, 1e-5));
  EXPECT_GT(expected.min().item<float>(), 0.0F);
}

TEST_F(Imagination, NoStepsLeaveTheBootstrap) {
  const ImaginedRollout rollout = imagine_policy(model_, actor_, z_, noise_.slice(0, 0, 1), false);
  const at::Tensor bootstrap = torch::full({5}, 2.0);
  EXPECT_TRUE(at::equal(rollout_return(rollout, bootstrap, 0.9, 0.0), bootstrap));
  EXPECT_TRUE(at::equal(rollout.latent, z_));
}

}  // namespace
}  // namespace reverie::policies
