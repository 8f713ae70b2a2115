#include "worldmodel/joint_embedding/joint_embedding_model.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <set>
#include <stdexcept>
#include <string>

#include "contract/rng.h"
#include "tensor/flat_optimizer.h"
#include "tensor/tensor_io.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kObservation = 5, kAction = 2;

ModelConfig small_config() {
  ModelConfig config;
  config.latent_dim = 16;
  config.encoder_dim = config.hidden_dim = 32;
  return config;
}

JointEmbedding small_networks(bool has_continuation = true) {
  contract::Rng rng(1, 0, contract::Stream::kInit);
  return make_joint_embedding(kObservation, kAction, has_continuation, small_config(), rng);
}

std::unique_ptr<LatentModel> small_model() { return make_joint_embedding_model(small_networks()); }

Unrolled unroll(const LatentModel& model, const Batch& batch) {
  return model.unroll(batch, step_weights(batch.mask, small_config().rho));
}

float value_of(const Unrolled& unrolled, const std::string& name) {
  for (const Loss& loss : unrolled.losses) {
    if (loss.name == name) return loss.value.item<float>();
  }
  throw std::out_of_range(name);
}

Batch random_batch(int64_t horizon, int64_t size) {
  contract::Rng rng(2, 0, contract::Stream::kReplay);
  Batch batch;
  batch.observations = tensor::normal_tensor({horizon + 1, size, kObservation}, rng);
  batch.actions = tensor::normal_tensor({horizon, size, kAction}, rng).tanh();
  batch.rewards = tensor::normal_tensor({horizon, size}, rng);
  batch.terminated = torch::zeros({horizon, size});
  batch.mask = torch::ones({horizon, size});
  return batch;
}

TEST(JointEmbedding, LatentsAreSimplices) {
  const auto model = small_model();
  contract::Rng rng(3, 0, contract::Stream::kReplay);
  const LatentState start = start_at(*model, 10.0 * tensor::normal_tensor({7, kObservation}, rng));
  const LatentState next = model->step(start, tensor::normal_tensor({7, kAction}, rng), false).state;
  for (const at::Tensor& latent : {start.features, next.features}) {
    ASSERT_EQ(latent.sizes().vec(), (std::vector<int64_t>{7, 16}));
    EXPECT_GE(latent.min().item<float>(), 0.0F);
    const at::Tensor sums = latent.view({7, 2, 8}).sum(-1);
    EXPECT_LT((sums - 1.0).abs().max().item<float>(), 1e-5F);
  }
}

// What the losses are taken on is the model's own open-loop prediction from the first observation.
TEST(JointEmbedding, UnrollIsSingleStepsRepeated) {
  const auto model = small_model();
  const Batch batch = random_batch(9, 6);
  const Unrolled unrolled = unroll(*model, batch);
  LatentState state = start_at(*model, batch.observations[0]);
  for (int64_t t = 0; t < 9; ++t) {
    EXPECT_TRUE(at::equal(unrolled.latents[t], state.features)) << t;
    state = model->step(state, batch.actions[t], false).state;
  }
  EXPECT_TRUE(at::equal(unrolled.last, state.features));
  EXPECT_FALSE(at::equal(unrolled.last, unrolled.latents[8]));
}

// Without memory, only the last observation counts.
TEST(JointEmbedding, StartReadsTheLastObservation) {
  const auto model = small_model();
  const Batch batch = random_batch(3, 4);
  const LatentState state = model->start({batch.observations, batch.actions, {}, {}});
  EXPECT_TRUE(at::equal(state.features, start_at(*model, batch.observations[3]).features));
  EXPECT_FALSE(state.memory.defined());
  const LatentState all = model->observe({batch.observations, batch.actions, {}, {}}, 7);
  ASSERT_EQ(all.features.size(0), 7);
  EXPECT_TRUE(at::allclose(all.features[5], start_at(*model, batch.observations[1]).features[1]));
}

// Storage is shared, gradients are not.
TEST(JointEmbedding, FrozenFollowsTheWeights) {
  const auto model = small_model();
  model->visit("", [](const std::string&, at::Tensor& t) { t.requires_grad_(true); });
  const auto frozen = model->frozen();
  const at::Tensor observation = torch::ones({1, kObservation});
  const at::Tensor before = start_at(*frozen, observation).features;
  EXPECT_FALSE(before.requires_grad());
  {
    at::NoGradGuard no_grad;
    model->visit("", [](const std::string&, at::Tensor& t) { t.mul_(2.0).add_(torch::rand_like(t)); });
  }
  const at::Tensor after = start_at(*frozen, observation).features;
  EXPECT_FALSE(at::equal(before, after));
  EXPECT_TRUE(at::equal(after, start_at(*model, observation).features.detach()));
}

TEST(JointEmbedding, LossesAndWeightsHaveTheSameNames) {
  for (const bool terminates : {false, true}) {
    const auto model = make_joint_embedding_model(small_networks(terminates));
    const Unrolled unrolled = unroll(*model, random_batch(2, 4));
    const std::vector<LossWeight> weights = model->losses();
    ASSERT_EQ(unrolled.losses.size(), weights.size());
    std::set<std::string> names;
    for (size_t i = 0; i < weights.size(); ++i) {
      EXPECT_EQ(unrolled.losses[i].name, weights[i].name);
      EXPECT_TRUE(names.insert(weights[i].name).second) << weights[i].name;
    }
    EXPECT_TRUE(names.contains("reward"));
    EXPECT_EQ(names.contains("continuation"), terminates);
    EXPECT_EQ(weights[0].name, "consistency");
    EXPECT_EQ(weights[0].weight, small_config().consistency_weight);
  }
}

TEST(JointEmbedding, TargetsStopTheGradient) {
  const auto model = small_model();
  Batch batch = random_batch(2, 4);
  batch.observations.requires_grad_(true);
  const Unrolled unrolled = unroll(*model, batch);
  EXPECT_FALSE(unrolled.targets.features.requires_grad());
  ASSERT_EQ(unrolled.losses[0].name, "consistency");
  unrolled.losses[0].value.backward();
  // Only the first observation is encoded with a gradient; later ones are targets.
  EXPECT_GT(batch.observations.grad()[0].abs().max().item<float>(), 0.0F);
  EXPECT_EQ(batch.observations.grad()[1].abs().max().item<float>(), 0.0F);
  EXPECT_EQ(batch.observations.grad()[2].abs().max().item<float>(), 0.0F);
}

TEST(JointEmbedding, MaskedStepsDoNotCount) {
  const JointEmbedding networks = small_networks();
  contract::Rng rng(7, 0, contract::Stream::kInit);  // a new reward head predicts the same for every state
  networks.outcome.reward.out.weight.copy_(
      tensor::normal_tensor(networks.outcome.reward.out.weight.sizes().vec(), rng));
  const auto model = make_joint_embedding_model(networks);
  Batch batch = random_batch(3, 4);
  batch.mask[2].zero_();
  const Unrolled before = unroll(*model, batch);
  batch.rewards[2].fill_(100.0);
  batch.observations[3].fill_(5.0);
  batch.terminated[2].fill_(1.0);
  const Unrolled after = unroll(*model, batch);
  for (const char* name : {"reward", "consistency", "continuation"})
    EXPECT_EQ(value_of(before, name), value_of(after, name)) << name;
  batch.rewards[1].fill_(100.0);
  EXPECT_NE(value_of(before, "reward"), value_of(unroll(*model, batch), "reward"));
}

TEST(JointEmbedding, OverfitsOneBatch) {
  const auto model = small_model();
  Batch batch = random_batch(3, 16);
  batch.terminated[1][3] = 1.0;
  std::vector<tensor::FlatSegment> parameters;
  model->visit("", [&](const std::string&, at::Tensor& t) {
    parameters.push_back({t.requires_grad_(true), 1.0});
  });
  tensor::FlatAdam optimizer(parameters, {.rate = 3e-3});
  const auto loss_of = [&](const Unrolled& u) {
    return weighted_sum(u.losses, {{"consistency", 20.0}, {"reward", 1.0}, {"continuation", 1.0}});
  };
  const double first = loss_of(unroll(*model, batch)).item<double>();
  for (int i = 0; i < 400; ++i) {
    optimizer.zero_gradients();
    loss_of(unroll(*model, batch)).backward();
    optimizer.step();
  }
  const Unrolled last = unroll(*model, batch);
  EXPECT_LT(loss_of(last).item<double>(), 0.35 * first);
  // Two-hot cross entropy has an entropy floor; the decoded reward has none.
  const LatentState state{last.latents.flatten(0, 1).detach(), {}};
  const at::Tensor error = model->reward(state, batch.actions.flatten(0, 1)) - batch.rewards.flatten();
  EXPECT_LT(error.abs().mean().item<double>(), 0.1);
}

TEST(JointEmbedding, DisagreementIsZeroForEqualHeadsOnly) {
  const at::Tensor same = torch::rand({1, 4, 16}).expand({3, 4, 16});
  EXPECT_LT(disagreement(same).max().item<float>(), 1e-6F);
  at::Tensor different = same.clone();
  different[1][2][0] += 0.3F;
  const at::Tensor spread = disagreement(different);
  EXPECT_GT(spread[2].item<float>(), 0.05F);
  EXPECT_LT(spread[1].item<float>(), 1e-6F);
}

}  // namespace
}  // namespace reverie::worldmodel
