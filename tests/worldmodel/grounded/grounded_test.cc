// The grounded model: what it keeps, what a new standardisation changes, what it can learn.
#include "worldmodel/grounded/grounded_model.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "contract/rng.h"
#include "tensor/flat_optimizer.h"
#include "tensor/tensor_io.h"
#include "worldmodel/grounded/grounded.h"
#include "worldmodel/grounded/grounded_rows.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kObservation = 3, kAction = 2, kRows = 40;

ModelConfig small_config() {
  ModelConfig config;
  config.kind = "grounded";
  config.latent_dim = 16;
  config.encoder_dim = config.hidden_dim = 32;
  return config;
}

contract::EnvSpec spec() {
  contract::EnvSpec out;
  out.observation_dim = kObservation;
  out.action_dim = kAction;
  out.has_termination = true;
  return out;
}

std::unique_ptr<LatentModel> small_model() {
  contract::Rng rng(1, 0, contract::Stream::kInit);
  return make_grounded_model(spec(), small_config(), rng);
}

at::Tensor observations() {
  contract::Rng rng(2, 0, contract::Stream::kReplay);
  return tensor::normal_tensor({kRows, kObservation}, rng) * torch::tensor({0.1, 3.0, 40.0}).to(at::kFloat) +
         torch::tensor({0.0, -5.0, 100.0}).to(at::kFloat);
}

at::Tensor actions() {
  contract::Rng rng(3, 0, contract::Stream::kReplay);
  return tensor::normal_tensor({kRows, kAction}, rng).tanh();
}

ObservationStatistics statistics_of(const at::Tensor& o) {
  return {o.mean(0), o.std(0, false), 0.2 * o.std(0, false), std::get<0>(o.min(0)), std::get<0>(o.max(0))};
}

ObservationStatistics without_limits(ObservationStatistics statistics) {
  statistics.low = statistics.mean - 1e4 * statistics.deviation;
  statistics.high = statistics.mean + 1e4 * statistics.deviation;
  return statistics;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(Grounded, StateHoldsTheObservation) {
  const auto model = small_model();
  model->set_statistics(statistics_of(observations()));
  const LatentState state = start_at(*model, observations());
  EXPECT_EQ(state.features.size(1), kObservation + 16);
  EXPECT_LT(largest_difference(model->observation(state) / 40.0, observations() / 40.0), 1e-5);
}

// The same prediction of the next observation, reward and continuation from the same observation, in other units.
TEST(Grounded, ANewStandardisationChangesNoPrediction) {
  at::NoGradGuard no_grad;
  const auto model = small_model();
  EXPECT_FALSE(model->set_statistics(without_limits(statistics_of(observations()))).scale.defined());
  contract::Rng rng(4, 0, contract::Stream::kInit);
  model->visit("", [&](const std::string& name, at::Tensor& t) {
    if (name.find("out.weight") != std::string::npos)
      t.copy_(0.3 * tensor::normal_tensor(t.sizes().vec(), rng));
  });
  const auto predicted = [&] {
    const LatentState state = start_at(*model, observations());
    const LatentStep next = model->step(state, actions(), true);
    return std::vector{model->observation(next.state) / 40.0, model->reward(state, actions()),
                       model->continuation(state, actions()), next.uncertainty};
  };
  const std::vector<at::Tensor> before = predicted();
  const at::Tensor old = start_at(*model, observations()).features;
  const FeatureChange change =
      model->set_statistics(without_limits(statistics_of(2.0 * observations() + 1.0)));
  const std::vector<at::Tensor> after = predicted();
  for (size_t i = 0; i < before.size(); ++i) EXPECT_LT(largest_difference(before[i], after[i]), 2e-4) << i;
  // A reader outside gets the same from the new features.
  at::Tensor weight = tensor::normal_tensor({5, old.size(1)}, rng), bias = tensor::normal_tensor({5}, rng);
  const at::Tensor wanted = at::linear(old, weight, bias);
  apply(change, weight, bias);
  const at::Tensor features = start_at(*model, observations()).features;
  EXPECT_GT(largest_difference(old, features), 0.1);
  EXPECT_LT(largest_difference(at::linear(features, weight, bias), wanted), 1e-3);
}

TEST(Grounded, PredictionsStayWithinTheDataWidenedByATenth) {
  at::NoGradGuard no_grad;
  const auto model = small_model();
  const at::Tensor o = observations();
  model->set_statistics(statistics_of(o));
  model->visit("", [&](const std::string& name, at::Tensor& t) {
    if (name == "dynamics.change.bias") t.fill_(100.0);
  });
  const at::Tensor next = model->observation(model->step(start_at(*model, o), actions(), false).state);
  const at::Tensor low = std::get<0>(o.min(0)), high = std::get<0>(o.max(0));
  EXPECT_LT(largest_difference(next / 40.0, ((high + 0.1 * (high - low)) / 40.0).expand_as(next)), 1e-4);
}

TEST(Grounded, AConstantObservationIsReproduced) {
  at::NoGradGuard no_grad;
  const auto model = small_model();
  at::Tensor o = observations();
  o.select(1, 1).fill_(7.0);
  model->set_statistics(statistics_of(o));
  LatentState state = start_at(*model, o);
  for (int k = 0; k < 50; ++k) state = model->step(state, actions(), false).state;
  EXPECT_LT(largest_difference(model->observation(state).select(1, 1), torch::full({kRows}, 7.0)), 1e-5);
}

TEST(Grounded, FrozenFollowsWeightsAndStatistics) {
  at::NoGradGuard no_grad;
  const auto model = small_model();
  const auto frozen = model->frozen();
  model->set_statistics(statistics_of(observations()));
  model->visit("", [](const std::string&, at::Tensor& t) { t.add_(0.01); });
  const LatentState state = start_at(*model, observations());
  EXPECT_TRUE(at::equal(start_at(*frozen, observations()).features, state.features));
  EXPECT_TRUE(at::equal(frozen->step(state, actions(), false).state.features,
                        model->step(state, actions(), false).state.features));
}

// A damped pendulum's product of terms: the next observation is x + 0.1 y, y + 0.1 a x, and one that never moves.
TEST(Grounded, LearnsAProductOfInputs) {
  const auto model = small_model();
  const auto batch_of = [](uint64_t stream) {
    contract::Rng rng(stream, 0, contract::Stream::kReplay);
    Batch batch;
    batch.actions = tensor::normal_tensor({1, 64, kAction}, rng).tanh();
    const at::Tensor o = tensor::normal_tensor({64, kObservation}, rng);
    const at::Tensor moved = at::stack(
        {0.1 * o.select(1, 1), 0.1 * batch.actions[0].select(1, 0) * o.select(1, 0), 0.0 * o.select(1, 2)},
        1);
    batch.observations = at::stack({o, o + moved});
    batch.rewards = batch.terminated = torch::zeros({1, 64});
    batch.mask = torch::ones({1, 64});
    return batch;
  };
  ObservationStatistics statistics{torch::zeros({3}), torch::ones({3}), torch::full({3}, 0.1),
                                   torch::full({3}, -5.0), torch::full({3}, 5.0)};
  model->set_statistics(statistics);
  std::vector<tensor::FlatSegment> segments;
  model->visit("", [&](const std::string&, at::Tensor& t) { segments.push_back({t.requires_grad_(true)}); });
  tensor::FlatAdam adam(segments, {.rate = 2e-3});
  for (uint64_t u = 0; u < 1500; ++u) {
    adam.set_rate(u < 1000 ? 2e-3 : 2e-4);
    const Batch batch = batch_of(u);
    adam.zero_gradients();
    const Unrolled unrolled = model->unroll(batch, step_weights(batch.mask, 1.0));
    ASSERT_EQ(unrolled.losses[0].name, "observation");
    unrolled.losses[0].value.backward();
    adam.step();
  }
  at::NoGradGuard no_grad;
  const Batch batch = batch_of(100000);
  const LatentState state = start_at(*model, batch.observations[0]);
  const at::Tensor next = model->observation(model->step(state, batch.actions[0], false).state);
  const at::Tensor error = (next - batch.observations[1]).square().mean().sqrt();
  EXPECT_LT(error.item<double>(), 0.1 * 0.02);
}

}  // namespace
}  // namespace reverie::worldmodel
