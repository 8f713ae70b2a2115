#include "worldmodel/joint_embedding/world_model.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "contract/rng.h"
#include "tensor/flat_optimizer.h"
#include "tensor/tensor_io.h"
#include "worldmodel/probe.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kObservation = 5, kAction = 2;

ModelConfig small_config() {
  ModelConfig config;
  config.latent_dim = 16;
  config.encoder_dim = config.hidden_dim = 32;
  return config;
}

WorldModel small_model(bool has_continuation = true) {
  contract::Rng rng(1, 0, contract::Stream::kInit);
  return make_world_model(kObservation, kAction, has_continuation, small_config(), rng);
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

TEST(WorldModel, LatentsAreSimplices) {
  const WorldModel model = small_model();
  contract::Rng rng(3, 0, contract::Stream::kReplay);
  const at::Tensor z = encode(model, 10.0 * tensor::normal_tensor({7, kObservation}, rng));
  const at::Tensor next = next_latent(model, z, tensor::normal_tensor({7, kAction}, rng));
  for (const at::Tensor& latent : {z, next}) {
    ASSERT_EQ(latent.sizes().vec(), (std::vector<int64_t>{7, 16}));
    EXPECT_GE(latent.min().item<float>(), 0.0F);
    const at::Tensor sums = latent.view({7, 2, 8}).sum(-1);
    EXPECT_LT((sums - 1.0).abs().max().item<float>(), 1e-5F);
  }
}

TEST(WorldModel, ImagineIsSingleStepsRepeated) {
  const WorldModel model = small_model();
  contract::Rng rng(4, 0, contract::Stream::kReplay);
  const at::Tensor z0 = encode(model, tensor::normal_tensor({6, kObservation}, rng));
  const at::Tensor actions = tensor::normal_tensor({9, 6, kAction}, rng).tanh();
  const at::Tensor latents = imagine(model, z0, actions);
  at::Tensor z = z0;
  for (int64_t t = 0; t < 9; ++t) {
    EXPECT_TRUE(at::equal(latents[t], z)) << t;
    z = next_latent(model, z, actions[t]);
  }
  EXPECT_TRUE(at::equal(latents[9], z));
  EXPECT_FALSE(at::equal(latents[9], latents[8]));
}

TEST(WorldModel, TargetsStopTheGradient) {
  const WorldModel model = small_model();
  Batch batch = random_batch(2, 4);
  batch.observations.requires_grad_(true);
  const Unrolled unrolled = unroll(model, batch);
  EXPECT_FALSE(unrolled.targets.requires_grad());
  unrolled.consistency.backward();
  // Only the first observation is encoded with a gradient; later ones are targets.
  EXPECT_GT(batch.observations.grad()[0].abs().max().item<float>(), 0.0F);
  EXPECT_EQ(batch.observations.grad()[1].abs().max().item<float>(), 0.0F);
  EXPECT_EQ(batch.observations.grad()[2].abs().max().item<float>(), 0.0F);
}

TEST(WorldModel, MaskedStepsDoNotCount) {
  const WorldModel model = small_model();
  contract::Rng rng(7, 0, contract::Stream::kInit);  // a new reward head predicts the same for every state
  model.reward.out.weight.copy_(tensor::normal_tensor(model.reward.out.weight.sizes().vec(), rng));
  Batch batch = random_batch(3, 4);
  batch.mask[2].zero_();
  const Unrolled before = unroll(model, batch);
  batch.rewards[2].fill_(100.0);
  batch.observations[3].fill_(5.0);
  batch.terminated[2].fill_(1.0);
  const Unrolled after = unroll(model, batch);
  EXPECT_EQ(before.reward.item<float>(), after.reward.item<float>());
  EXPECT_EQ(before.consistency.item<float>(), after.consistency.item<float>());
  EXPECT_EQ(before.continuation.item<float>(), after.continuation.item<float>());
  batch.rewards[1].fill_(100.0);
  EXPECT_NE(before.reward.item<float>(), unroll(model, batch).reward.item<float>());
}

TEST(WorldModel, StepWeightsDecayByRho) {
  const at::Tensor weights = step_weights(torch::ones({3, 2}), 0.5);
  for (int64_t t = 0; t < 3; ++t) EXPECT_FLOAT_EQ(weights[t][1].item<float>(), std::pow(0.5F, t) / 6.0F);
}

TEST(WorldModel, OverfitsOneBatch) {
  WorldModel model = small_model();
  Batch batch = random_batch(3, 16);
  batch.terminated[1][3] = 1.0;
  std::vector<tensor::FlatSegment> parameters;
  visit(model, "", [&](const std::string&, at::Tensor& t) {
    parameters.push_back({t.requires_grad_(true), 1.0});
  });
  tensor::FlatAdam optimizer(parameters, {.rate = 3e-3});
  const auto loss_of = [&](const Unrolled& u) { return 20.0 * u.consistency + u.reward + u.continuation; };
  const double first = loss_of(unroll(model, batch)).item<double>();
  for (int i = 0; i < 400; ++i) {
    optimizer.zero_gradients();
    loss_of(unroll(model, batch)).backward();
    optimizer.step();
  }
  const Unrolled last = unroll(model, batch);
  EXPECT_LT(loss_of(last).item<double>(), 0.35 * first);
  // Two-hot cross entropy has an entropy floor; the decoded reward has none.
  const at::Tensor z = last.latents.flatten(0, 1).detach();
  const at::Tensor error = predicted_reward(model, z, batch.actions.flatten(0, 1)) - batch.rewards.flatten();
  EXPECT_LT(error.abs().mean().item<double>(), 0.1);
}

TEST(WorldModel, DisagreementIsZeroForEqualHeadsOnly) {
  const at::Tensor same = torch::rand({1, 4, 16}).expand({3, 4, 16});
  EXPECT_LT(disagreement(same).max().item<float>(), 1e-6F);
  at::Tensor different = same.clone();
  different[1][2][0] += 0.3F;
  const at::Tensor spread = disagreement(different);
  EXPECT_GT(spread[2].item<float>(), 0.05F);
  EXPECT_LT(spread[1].item<float>(), 1e-6F);
}

TEST(Probe, NewNormalisationKeepsWhatIsDecoded) {
  contract::Rng rng(5, 0, contract::Stream::kInit);
  Probe probe = make_probe(16, 32, 4, rng);
  const at::Tensor z = torch::softmax(tensor::normal_tensor({8, 16}, rng), -1);
  const at::Tensor before = decode(probe, z);
  set_normalisation(probe, torch::tensor({1.0F, -2.0F, 0.5F, 0.0F}), torch::tensor({3.0F, 0.1F, 1.0F, 0.0F}));
  EXPECT_LT((decode(probe, z) - before).abs().max().item<float>(), 1e-5F);
  EXPECT_EQ(probe.scale[3].item<float>(), 1.0F);  // a constant target keeps unit scale
}

TEST(Probe, LearnsNothingIntoTheLatents) {
  contract::Rng rng(6, 0, contract::Stream::kInit);
  Probe probe = make_probe(16, 32, 4, rng);
  visit(probe, "", [](const std::string&, at::Tensor& t) { t.requires_grad_(true); });
  at::Tensor z = torch::softmax(tensor::normal_tensor({8, 16}, rng), -1).requires_grad_(true);
  probe_loss(probe, z, tensor::normal_tensor({8, 4}, rng), torch::full({8}, 0.125)).backward();
  EXPECT_FALSE(z.grad().defined());
  EXPECT_GT(probe.body.out.weight.grad().abs().max().item<float>(), 0.0F);
}

}  // namespace
}  // namespace reverie::worldmodel
