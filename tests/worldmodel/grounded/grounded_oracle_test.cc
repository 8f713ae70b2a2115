// Losses and gradients of the grounded model against a program without PyTorch: tests/oracles/grounded.py.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "contract/rng.h"
#include "worldmodel/grounded/losses.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kObservation = 3, kAction = 2, kHorizon = 2, kBatch = 3;
constexpr double kRho = 0.5, kLimit = 1.2;

at::Tensor filled(at::IntArrayRef shape, double phase) {
  std::vector<float> values(static_cast<size_t>(c10::multiply_integers(shape)));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(std::sin(0.37 * std::pow(static_cast<double>(i) + 1.0, 1.5) + phase));
  return at::tensor(values).reshape(shape);
}

ModelConfig config() {
  ModelConfig c;
  c.latent_dim = 8;
  c.simnorm_dim = 4;
  c.encoder_dim = 6;
  c.hidden_dim = 7;
  c.products = 5;
  c.bins = 11;
  c.bin_low = -3.0;
  c.bin_high = 3.0;
  return c;
}

Grounded networks(const at::TensorOptions& options) {
  contract::Rng rng(1, 0, contract::Stream::kInit);
  Grounded model = make_grounded(kObservation, kAction, true, config(), rng);
  std::map<std::string, at::Tensor*> sorted;
  visit(model, "", [&](const std::string& name, at::Tensor& t) { sorted[name] = &t; });
  double phase = 0;
  for (const auto& [name, tensor] : sorted) {
    const at::Tensor x = filled(tensor->sizes(), phase++);
    *tensor = (name.ends_with("gamma") ? 1.0 + 0.2 * x : 0.5 * x).to(options).requires_grad_();
  }
  model.scale = {filled({3}, 0.1), 1.5 + filled({3}, 0.2), 0.3 + 0.1 * filled({3}, 0.3),
                 torch::full({3}, -kLimit), torch::full({3}, kLimit)};
  visit_scale(model, "", [&](const std::string&, at::Tensor& t) { t = t.to(options); });
  return model;
}

void expect_recorded(const at::TensorOptions& options, double tolerance) {
  const nlohmann::json recorded = nlohmann::json::parse(std::ifstream(REVERIE_TEST_DATA "/grounded.json"));
  Grounded model = networks(options);
  Batch batch;
  batch.observations = (1.5 * filled({kHorizon + 1, kBatch, kObservation}, 0.4)).to(options);
  batch.actions = (0.9 * filled({kHorizon, kBatch, kAction}, 0.5)).to(options);
  batch.rewards = (3.0 * filled({kHorizon, kBatch}, 0.6)).to(options);
  batch.terminated = torch::zeros({kHorizon, kBatch}, options);
  batch.mask = torch::ones({kHorizon, kBatch}, options);
  batch.terminated[1][0] = 1.0;
  batch.mask[1][2] = 0.0;
  const GroundedPredictions predictions = predict(model, batch, step_weights(batch.mask, kRho));
  at::Tensor sum = torch::zeros({}, options);
  ASSERT_EQ(recorded["losses"].size(), grounded_losses(true).size());
  for (const GroundedLoss& loss : grounded_losses(true)) {
    const at::Tensor value = loss.value(predictions);
    const double wanted = recorded["losses"].at(loss.name);
    EXPECT_NEAR(value.item<double>(), wanted, tolerance * (1.0 + std::abs(wanted))) << loss.name;
    sum = sum + value;
  }
  sum.backward();
  size_t seen = 0;
  visit(model, "", [&](const std::string& name, at::Tensor& t) {
    const double found = (t.grad() * filled(t.sizes(), 0.7).to(options)).sum().item<double>();
    const double wanted = recorded["derivatives"].at(name);
    EXPECT_NEAR(found, wanted, tolerance * (1.0 + std::abs(wanted))) << name;
    ++seen;
  });
  EXPECT_EQ(seen, recorded["derivatives"].size());
}

TEST(GroundedOracle, Kernels) { expect_recorded(at::kFloat, 2e-5); }
TEST(GroundedOracle, Composed) { expect_recorded(at::kDouble, 1e-6); }
TEST(GroundedOracle, Cuda) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  expect_recorded(at::device(at::kCUDA).dtype(at::kFloat), 1e-4);
}

}  // namespace
}  // namespace reverie::worldmodel
