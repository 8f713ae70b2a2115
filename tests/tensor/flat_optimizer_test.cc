#include "tensor/flat_optimizer.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adam.h>

#include <cmath>
#include <limits>

namespace reverie::tensor {
namespace {

using at::Tensor;

Tensor values(at::IntArrayRef shape, double phase) {
  const Tensor i = at::arange(c10::multiply_integers(shape), at::kDouble);
  return ((i * 1.7 + phase).sin() * 0.8).reshape(shape).to(at::kFloat);
}

std::vector<Tensor> parameters(at::ScalarType type) {
  std::vector<Tensor> p = {values({5, 7}, 0.1), values({3}, 0.2), values({2, 40, 130}, 0.3)};
  for (Tensor& t : p) t = t.to(type).requires_grad_();
  return p;
}

// A loss whose gradient changes with the parameters; large at first, so that clipping acts.
Tensor loss_of(const std::vector<Tensor>& p) {
  return 30.0 * p[0].square().sum() + p[1].exp().sum() + (p[2] - 0.3).square().sum();
}

std::vector<FlatSegment> segments_of(const std::vector<Tensor>& p) { return {{p[0], 0.3}, {p[1]}, {p[2]}}; }

// torch::optim::Adam and clip_grad_norm_ in float64 are the reference.
void expect_matches_reference(at::ScalarType type, double tolerance) {
  std::vector<Tensor> reference = parameters(at::kDouble);
  torch::optim::Adam optimizer(
      {torch::optim::OptimizerParamGroup({reference[0]}, std::make_unique<torch::optim::AdamOptions>(3e-3)),
       torch::optim::OptimizerParamGroup({reference[1], reference[2]})},
      torch::optim::AdamOptions(1e-2));
  std::vector<Tensor> p = parameters(type);
  FlatAdam adam(segments_of(p), {.rate = 1e-2, .clip_norm = 20.0});
  for (int i = 0; i < 20; ++i) {
    optimizer.zero_grad();
    loss_of(reference).backward();
    const double norm = torch::nn::utils::clip_grad_norm_(reference, 20.0);
    optimizer.step();
    adam.zero_gradients();
    loss_of(p).backward();
    const AdamStep step = adam.step();
    EXPECT_TRUE(step.applied.item<bool>());
    EXPECT_NEAR(step.gradient_norm.item<double>(), norm, 1e-4 * norm);
  }
  for (size_t k = 0; k < p.size(); ++k) {
    EXPECT_LT((p[k].to(at::kDouble) - reference[k]).abs().max().item<double>(), tolerance) << k;
  }
}

TEST(FlatAdam, MatchesTorchOnKernels) { expect_matches_reference(at::kFloat, 5e-6); }

TEST(FlatAdam, MatchesTorchComposed) { expect_matches_reference(at::kDouble, 1e-12); }

TEST(FlatAdam, ParametersAndGradientsAreViews) {
  std::vector<Tensor> p = parameters(at::kFloat);
  const Tensor before = p[2].detach().clone();
  FlatAdam adam(segments_of(p), {});
  EXPECT_TRUE(at::equal(p[2], before));
  adam.values().fill_(2.0);
  EXPECT_EQ(p[0].sum().item<float>(), 2.0f * 35);
  p[1].sum().backward();
  EXPECT_EQ(adam.gradients().sum().item<float>(), 3.0f);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(p[1].data_ptr()) % 64, 0u);
}

TEST(FlatAdam, NonFiniteGradientChangesNothing) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    std::vector<Tensor> p = parameters(type);
    FlatAdam adam(segments_of(p), {});
    loss_of(p).backward();
    ASSERT_TRUE(adam.step().applied.item<bool>());
    const Tensor values = adam.values().clone();
    const Tensor moment = adam.first_moment().clone();
    for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
      adam.gradients()[40] = bad;
      const AdamStep step = adam.step();
      EXPECT_FALSE(step.applied.item<bool>());
      EXPECT_FALSE(std::isfinite(step.gradient_norm.item<double>()));
    }
    EXPECT_TRUE(at::equal(adam.values(), values));
    EXPECT_TRUE(at::equal(adam.first_moment(), moment));
    EXPECT_EQ(adam.steps(), 1);
  }
}

TEST(FlatAdam, RestoredStateContinuesBitForBit) {
  std::vector<Tensor> p = parameters(at::kFloat);
  FlatAdam adam(segments_of(p), {});
  const auto advance = [](FlatAdam& optimizer, const std::vector<Tensor>& of) {
    optimizer.zero_gradients();
    loss_of(of).backward();
    optimizer.step();
  };
  for (int i = 0; i < 3; ++i) advance(adam, p);
  std::vector<Tensor> q = parameters(at::kFloat);
  FlatAdam other(segments_of(q), {});
  other.values().copy_(adam.values());
  other.restore(adam.first_moment(), adam.second_moment(), adam.steps());
  advance(adam, p);
  advance(other, q);
  EXPECT_TRUE(at::equal(adam.values(), other.values()));
  EXPECT_THROW(other.restore(at::zeros({3}), at::zeros({3}), 1), c10::Error);
}

TEST(FlatAdam, StepDoesNotDependOnThreads) {
  const int before = at::get_num_threads();
  std::vector<Tensor> results;
  for (const int threads : {1, 3}) {
    at::set_num_threads(threads);
    std::vector<Tensor> p = parameters(at::kFloat);
    FlatAdam adam(segments_of(p), {});
    loss_of(p).backward();
    adam.step();
    results.push_back(adam.values());
  }
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(results[0], results[1]));
}

TEST(FlatAdam, TargetFollowsItsPartOfTheBuffer) {
  std::vector<Tensor> p = parameters(at::kFloat);
  FlatAdam adam(segments_of(p), {});
  const std::vector<Tensor> target = {at::zeros({3}), at::zeros({2, 40, 130})};
  const Tensor flat = flatten(target);
  for (int i = 0; i < 2; ++i) polyak_update(flat, adam.values_of(1, 2), at::scalar_tensor(0.25));
  EXPECT_TRUE(at::allclose(target[0], p[1].detach() * 0.4375, 1e-6));
  EXPECT_TRUE(at::allclose(target[1], p[2].detach() * 0.4375, 1e-6));
  EXPECT_THROW(polyak_update(flat, adam.values(), at::scalar_tensor(0.1)), c10::Error);
}

}  // namespace
}  // namespace reverie::tensor
