// Losses, gradients and dreams of the mechanical model against a program without PyTorch: tests/oracles/mechanics.py.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>

#include "contract/rng.h"
#include "tests/worldmodel/mechanics/small_robots.h"
#include "worldmodel/mechanics/mechanics_model.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kObservation = 6, kAction = 2, kHorizon = 2, kRepeat = 2, kBatch = 3;
constexpr double kRho = 0.5;

// float64, so that what the model is given differs from the program's numbers by its own rounding alone.
at::Tensor filled(at::IntArrayRef shape, double phase) {
  std::vector<double> values(static_cast<size_t>(c10::multiply_integers(shape)));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(0.37 * std::pow(static_cast<double>(i) + 1.0, 1.5) + phase);
  return torch::tensor(values, at::kDouble).reshape(shape);
}

at::Tensor numbers(const std::vector<double>& values) { return torch::tensor(values, at::kDouble); }

ModelConfig config() {
  ModelConfig c;
  c.kind = "mechanics";
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

std::map<std::string, at::Tensor> scales() {
  const at::Tensor limit = numbers({1e6, 0.32, 1e6, 1.8, 1.2, 1.2, 1.2, 1.2, 0.8});
  return {
      {"scale.mean", 0.5 * filled({14}, 0.1)},
      {"scale.deviation", 1.5 + 0.5 * filled({14}, 0.2)},
      {"scale.input_mean", 0.3 * filled({28}, 0.3)},
      {"scale.input_deviation", 0.8 + 0.3 * filled({28}, 0.4)},
      {"scale.unit", at::cat({0.4 + 0.1 * filled({4}, 0.5), 0.02 + 0.01 * filled({4}, 0.6), numbers({0.3})})},
      {"scale.position_loss", 0.3 + 0.1 * filled({4}, 0.7)},
      {"scale.low", -limit},
      {"scale.high", limit}};
}

std::unique_ptr<LatentModel> networks(const at::TensorOptions& options) {
  contract::EnvSpec spec = leg();
  spec.has_termination = true;
  contract::Rng rng(1, 0, contract::Stream::kInit);
  auto model = make_mechanics_model(spec, kRepeat, config(), rng);
  std::map<std::string, at::Tensor*> sorted;
  model->visit("", [&](const std::string& name, at::Tensor& t) { sorted[name] = &t; });
  double phase = 0;
  for (const auto& [name, tensor] : sorted) {
    const at::Tensor x = filled(tensor->sizes(), phase++);
    *tensor = (name.ends_with("gamma") ? 1.0 + 0.2 * x : 0.3 * x).to(options).requires_grad_();
  }
  const std::map<std::string, at::Tensor> known = scales();
  model->visit_statistics("", [&](const std::string& name, at::Tensor& t) {
    ASSERT_EQ(t.sizes(), known.at(name).sizes()) << name;
    t = known.at(name).to(options);
  });
  return model;
}

// Features [..., F] of positions and velocities: x, z, the lean's cosine and sine, the knee, velocities.
at::Tensor states(std::vector<int64_t> shape, double phase) {
  shape.push_back(4);
  at::Tensor q = filled(shape, phase) * numbers({2.0, 0.04, 0.4, 1.2}) + numbers({0.0, -0.3, 0.0, 0.8});
  q.select(-2, 1).select(-1, 2).add_(std::numbers::pi);
  q.select(-2, 2).select(-1, 3).sub_(1.5);
  const at::Tensor lean = q.slice(-1, 2, 3);
  const at::Tensor v = filled(shape, phase + 0.5) * numbers({1.0, 1.5, 1.0, 2.0});
  return at::cat({q.slice(-1, 0, 2), lean.cos(), lean.sin(), q.slice(-1, 3), v}, -1);
}

Batch batch(const at::TensorOptions& options) {
  Batch out;
  out.observations = filled({kHorizon + 1, kBatch, kObservation}, 0.4).to(options);
  out.states = states({kHorizon + 1, kBatch}, 0.2).to(options);
  out.between = at::cat({filled({kHorizon, kRepeat - 1, kBatch, kObservation}, 0.9),
                         states({kHorizon, kRepeat - 1, kBatch}, 1.2)},
                        -1)
                    .to(options);
  out.actions = (0.9 * filled({kHorizon, kBatch, kAction}, 0.5)).to(options);
  out.rewards = (3.0 * filled({kHorizon, kBatch}, 0.6)).to(options);
  out.terminated = torch::zeros({kHorizon, kBatch}, options);
  out.mask = torch::ones({kHorizon, kBatch}, options);
  out.terminated[1][0] = 1.0;
  out.mask[1][2] = 0.0;
  return out;
}

nlohmann::json recorded() {
  return nlohmann::json::parse(std::ifstream(REVERIE_TEST_DATA "/mechanics.json"));
}

void expect_near(double found, double wanted, double tolerance, const std::string& what) {
  EXPECT_NEAR(found, wanted, tolerance * (1.0 + std::abs(wanted))) << what;
}

void expect_rows(const at::Tensor& found, const std::vector<double>& wanted, double tolerance,
                 const std::string& what) {
  const at::Tensor flat = found.detach().to(at::kCPU, at::kDouble).flatten().contiguous();
  ASSERT_EQ(flat.numel(), std::ssize(wanted)) << what;
  for (int64_t i = 0; i < flat.numel(); ++i)
    expect_near(flat[i].item<double>(), wanted[static_cast<size_t>(i)], tolerance, what + std::to_string(i));
}

void expect_losses(const at::TensorOptions& options, double tolerance) {
  const nlohmann::json wanted = recorded();
  const auto model = networks(options);
  const Batch given = batch(options);
  const Unrolled unrolled = model->unroll(given, step_weights(given.mask, kRho));
  ASSERT_EQ(wanted["losses"].size(), unrolled.losses.size());
  at::Tensor sum = torch::zeros({}, options);
  for (const Loss& loss : unrolled.losses) {
    expect_near(loss.value.item<double>(), wanted["losses"].at(loss.name), tolerance, loss.name);
    sum = sum + loss.value;
  }
  sum.backward();
  size_t seen = 0;
  model->visit("", [&](const std::string& name, at::Tensor& t) {
    const std::vector<double> sides = wanted["derivatives"].at(name);
    const at::Tensor gradient = t.grad().to(at::kCPU, at::kDouble);
    expect_near((gradient * filled(t.sizes(), 0.7)).sum().item<double>(), sides.at(0), tolerance, name);
    expect_near((gradient * filled(t.sizes(), 2.1)).sum().item<double>(), sides.at(1), tolerance, name);
    ++seen;
  });
  EXPECT_EQ(seen, wanted["derivatives"].size());
}

void expect_dream(const at::TensorOptions& options, double tolerance) {
  const nlohmann::json wanted = recorded()["dream"];
  const auto model = networks(options);
  const Batch given = batch(options);
  const LatentState state = model->start({.observations = given.observations.slice(0, 0, 1),
                                          .actions = {},
                                          .known = {},
                                          .states = given.states.slice(0, 0, 1)});
  const LatentStep next = model->step(state, given.actions[0], true);
  expect_rows(model->observation(next.state), wanted["observation"], tolerance, "observation");
  expect_rows(model->positions_and_velocities(next.state), wanted["features"], tolerance, "features");
  expect_rows(next.uncertainty, wanted["uncertainty"], tolerance, "uncertainty");
}

at::TensorOptions on_cuda() { return at::device(at::kCUDA).dtype(at::kFloat); }

TEST(MechanicsOracle, LossesOfKernels) { expect_losses(at::kFloat, 2e-4); }
TEST(MechanicsOracle, LossesComposed) { expect_losses(at::kDouble, 1e-6); }
TEST(MechanicsOracle, LossesOnCuda) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  expect_losses(on_cuda(), 2e-4);
}

TEST(MechanicsOracle, DreamOfKernels) { expect_dream(at::kFloat, 2e-5); }
TEST(MechanicsOracle, DreamComposed) { expect_dream(at::kDouble, 1e-6); }
TEST(MechanicsOracle, DreamOnCuda) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  expect_dream(on_cuda(), 1e-4);
}

}  // namespace
}  // namespace reverie::worldmodel
