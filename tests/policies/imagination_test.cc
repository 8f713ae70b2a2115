#include "policies/imagination.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "policies/returns.h"
#include "tensor/tensor_io.h"
#include "worldmodel/joint_embedding/joint_embedding_model.h"

namespace reverie::policies {
namespace {

class Imagination : public ::testing::Test {
 protected:
  Imagination() {
    config_.latent_dim = 16;
    config_.encoder_dim = config_.hidden_dim = 32;
    contract::Rng rng(1, 0, contract::Stream::kInit);
    worldmodel::JointEmbedding networks = worldmodel::make_joint_embedding(3, 2, true, config_, rng);
    actor_ = make_actor(config_.latent_dim, config_, learner_, 2, rng);
    // A reward head that is not at its initial zero.
    networks.outcome.reward.out.weight =
        tensor::normal_tensor(networks.outcome.reward.out.weight.sizes().vec(), rng);
    model_ = worldmodel::make_joint_embedding_model(networks);
    start_ = worldmodel::start_at(*model_, tensor::normal_tensor({5, 3}, rng));
    noise_ = tensor::normal_tensor({4, 5, 2}, rng);
  }

  worldmodel::ModelConfig config_;
  LearnerConfig learner_;
  std::unique_ptr<worldmodel::LatentModel> model_;
  Actor actor_;
  worldmodel::LatentState start_;
  at::Tensor noise_;
};

TEST_F(Imagination, IsOneStepAfterTheOther) {
  const ImaginedRollout rollout = imagine_policy(*model_, actor_, start_, noise_, true);
  ASSERT_EQ(rollout.rewards.size(0), 3);
  worldmodel::LatentState state = start_;
  for (int64_t k = 0; k < 3; ++k) {
    const at::Tensor action = sample_action(actor_, state.features, noise_[k]).action;
    EXPECT_TRUE(at::allclose(rollout.rewards[k], model_->reward(state, action)));
    EXPECT_TRUE(at::allclose(rollout.continuation[k], model_->continuation(state, action)));
    const worldmodel::LatentStep next = model_->step(state, action, true);
    EXPECT_TRUE(at::equal(rollout.uncertainty[k], next.uncertainty));
    state = next.state;
  }
  EXPECT_TRUE(at::equal(rollout.state.features, state.features));
  EXPECT_TRUE(at::equal(rollout.action, sample_action(actor_, state.features, noise_[3]).action));
  EXPECT_TRUE(at::equal(rollout.uncertainty[3], model_->step(state, rollout.action, true).uncertainty));
  EXPECT_EQ(rollout.log_probs.size(), 4U);
}

TEST_F(Imagination, UncertaintyIsRewardedByItsWeight) {
  const ImaginedRollout rollout = imagine_policy(*model_, actor_, start_, noise_, true);
  const at::Tensor bootstrap = torch::full({5}, 2.0);
  const at::Tensor plain = rollout_return(rollout, bootstrap, 0.9, 0.0);
  EXPECT_TRUE(at::allclose(plain, n_step_return(rollout.rewards, rollout.continuation, bootstrap, 0.9)));
  const at::Tensor bonus = rollout_return(rollout, bootstrap, 0.9, 2.0) - plain;
  ASSERT_EQ(rollout.uncertainty.size(), 4U);  // of the three decisions and of the action behind them
  const at::Tensor expected = n_step_return(at::stack(rollout.uncertainty).slice(0, 0, 3),
                                            rollout.continuation, rollout.uncertainty[3], 0.9);
  EXPECT_TRUE(at::allclose(bonus, 2.0 * expected, 1e-4, 1e-5));
  EXPECT_GT(expected.min().item<float>(), 0.0F);
}

TEST_F(Imagination, AMixtureOfReturnsEndsInTheLongestOne) {
  const ImaginedRollout rollout = imagine_policy(*model_, actor_, start_, noise_, true);
  const at::Tensor values = torch::arange(15, torch::kFloat32).view({3, 5});
  EXPECT_TRUE(at::allclose(rollout_lambda_return(rollout, values, 0.9, 1.0, 2.0),
                           rollout_return(rollout, values[2], 0.9, 2.0), 1e-4, 1e-5));
  EXPECT_FALSE(at::allclose(rollout_lambda_return(rollout, values, 0.9, 0.5, 2.0),
                            rollout_return(rollout, values[2], 0.9, 2.0), 1e-4, 1e-5));
}

TEST_F(Imagination, NoStepsLeaveTheBootstrap) {
  const ImaginedRollout rollout = imagine_policy(*model_, actor_, start_, noise_.slice(0, 0, 1), false);
  const at::Tensor bootstrap = torch::full({5}, 2.0);
  EXPECT_TRUE(at::equal(rollout_return(rollout, bootstrap, 0.9, 0.0), bootstrap));
  EXPECT_TRUE(at::equal(rollout.state.features, start_.features));
}

}  // namespace
}  // namespace reverie::policies
