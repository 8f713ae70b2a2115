// The fused operations against the same operations composed from ATen in float64 with PyTorch's own autograd.
#include "tensor/fused.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <cmath>
#include <functional>
#include <vector>

namespace reverie::tensor {
namespace {

using at::Tensor;
using Operation = std::function<Tensor(const std::vector<Tensor>&)>;

Tensor filled(at::IntArrayRef shape, double scale, double phase, double shift = 0.0) {
  const int64_t n = c10::multiply_integers(shape);
  const Tensor i = at::arange(n, at::kDouble);
  return ((i * 12.9898 + phase).sin() * 43758.5453).frac().mul(2.0 * scale).add(shift).reshape(shape);
}

struct Result {
  Tensor y;
  std::vector<Tensor> gradients;
};

// The output, and the gradients of a fixed weighted sum of it for inputs marked as wanted.
Result run(const Operation& f, const std::vector<Tensor>& inputs, const std::vector<bool>& wanted,
           at::ScalarType type) {
  std::vector<Tensor> leaves;
  for (size_t i = 0; i < inputs.size(); ++i) {
    leaves.push_back(inputs[i].to(type, /*non_blocking=*/false, /*copy=*/true));
    leaves.back().requires_grad_(wanted[i]);
  }
  Result r;
  r.y = f(leaves);
  if (!r.y.requires_grad()) return r;
  (r.y * filled(r.y.sizes(), 1.0, 0.7).to(type)).sum().backward();
  for (const Tensor& leaf : leaves) r.gradients.push_back(leaf.grad());
  return r;
}

void expect_near(const Tensor& value, const Tensor& expected, double tolerance, const std::string& what) {
  ASSERT_EQ(value.sizes(), expected.sizes()) << what;
  const double scale = std::max(1.0, expected.abs().max().item<double>());
  const double error = (value.to(at::kDouble) - expected).abs().max().item<double>();
  EXPECT_LT(error, tolerance * scale) << what;
}

void expect_agrees(const Operation& f, const std::vector<Tensor>& inputs, const std::vector<bool>& wanted) {
  const Result fused = run(f, inputs, wanted, at::kFloat);
  const Result reference = run(f, inputs, wanted, at::kDouble);
  expect_near(fused.y, reference.y, 5e-6, "value");
  for (size_t i = 0; i < fused.gradients.size(); ++i) {
    ASSERT_EQ(fused.gradients[i].defined(), wanted[i]) << "input " << i;
    if (wanted[i])
      expect_near(fused.gradients[i], reference.gradients[i], 2e-5, "gradient " + std::to_string(i));
  }
  at::NoGradGuard no_grad;
  expect_near(run(f, inputs, std::vector<bool>(inputs.size()), at::kFloat).y, reference.y, 5e-6,
              "without a graph");
}

// x, w, b, gamma, beta of a layer; members 0: plain.
std::vector<Tensor> layer_inputs(at::IntArrayRef x, int64_t members, int64_t outputs) {
  std::vector<int64_t> vector = {outputs};
  std::vector<int64_t> matrix = {outputs, x.back()};
  if (members > 0) {
    vector.insert(vector.begin(), members);
    matrix.insert(matrix.begin(), members);
  }
  return {filled(x, 1.0, 0.1), filled(matrix, 0.3, 0.2), filled(vector, 0.5, 0.3),
          filled(vector, 0.7, 0.4, 1.0), filled(vector, 0.6, 0.5)};
}

struct Shape {
  std::vector<int64_t> x;
  int64_t members, outputs;
};

const std::vector<Shape> kShapes = {
    {{70, 20}, 0, 128}, {{3, 5, 7}, 0, 24}, {{1, 3}, 0, 8}, {{2, 33, 20}, 2, 64}, {{65, 9}, 3, 40}};

TEST(Fused, LinearAgrees) {
  const Operation f = [](const auto& in) { return linear(in[0], in[1], in[2]); };
  for (const Shape& s : kShapes) {
    auto in = layer_inputs(s.x, s.members, s.outputs);
    in.resize(3);
    expect_agrees(f, in, {true, true, true});
    expect_agrees(f, in, {true, false, false});
    expect_agrees(f, in, {false, true, true});
  }
}

TEST(Fused, LinearNormSiluAgrees) {
  const Operation f = [](const auto& in) { return linear_norm_silu(in[0], in[1], in[2], in[3], in[4]); };
  for (const Shape& s : kShapes) {
    const auto in = layer_inputs(s.x, s.members, s.outputs);
    expect_agrees(f, in, {true, true, true, true, true});
    expect_agrees(f, in, {true, false, false, false, false});
    expect_agrees(f, in, {false, true, true, true, true});
  }
}

TEST(Fused, LinearNormSimnormAgrees) {
  for (const int64_t group : {8, 4}) {
    const Operation f = [group](const auto& in) {
      return linear_norm_simnorm(in[0], in[1], in[2], in[3], in[4], group);
    };
    for (const Shape& s : kShapes) {
      const auto in = layer_inputs(s.x, s.members, s.outputs);
      expect_agrees(f, in, {true, true, true, true, true});
      expect_agrees(f, in, {true, false, false, false, false});
    }
  }
}

TEST(Fused, SimnormAgrees) {
  for (const int64_t group : {8, 4, 3}) {
    const Operation f = [group](const auto& in) { return simnorm(in[0], group); };
    expect_agrees(f, {filled({5, 11, 24}, 6.0, 0.3)}, {true});
  }
}

TEST(Fused, TwoHotCrossEntropyAgrees) {
  // Targets beyond both ends, on a bin, at zero and between bins.
  const Tensor target =
      at::tensor({-1e6, -200.0, -147.0, -1.0, -0.3, 0.0, 0.02, 1.0, 55.5, 402.0, 500.0, 1e9});
  for (const auto& shape : std::vector<std::vector<int64_t>>{{12, 51}, {2, 12, 51}, {12, 7}}) {
    const Operation f = [&](const auto& in) {
      return two_hot_cross_entropy(in[0], target.to(in[0].scalar_type()), -5.0, 6.0);
    };
    expect_agrees(f, {filled(shape, 4.0, 0.3)}, {true});
  }
}

TEST(Fused, TwoHotExpectationAgrees) {
  const Operation f = [](const auto& in) { return two_hot_expectation(in[0], -5.0, 6.0); };
  expect_agrees(f, {filled({3, 50, 51}, 6.0, 0.3)}, {true});
}

TEST(Fused, NanTargetGivesNanOnlyInItsRow) {
  const Tensor logits = at::zeros({3, 5});
  const Tensor loss = two_hot_cross_entropy(logits, at::tensor({1.0f, NAN, 2.0f}), -5.0, 6.0);
  EXPECT_TRUE(loss[1].isnan().item<bool>());
  EXPECT_FALSE(loss[0].isnan().item<bool>() || loss[2].isnan().item<bool>());
}

TEST(Fused, TanhGaussianAgrees) {
  for (const int64_t actions : {1, 2, 6, 21}) {
    const std::vector<Tensor> in = {filled({37, 2 * actions}, 3.0, 0.3), filled({37, actions}, 2.0, 0.4)};
    const auto sample = [](const auto& t) { return tanh_gaussian(t[0], t[1], 0.1); };
    expect_agrees([&](const auto& t) { return sample(t).action; }, in, {true, false});
    expect_agrees([&](const auto& t) { return sample(t).log_prob; }, in, {true, false});
    expect_agrees([&](const auto& t) { return sample(t).action.sum(-1) + sample(t).log_prob; }, in,
                  {true, false});
  }
}

TEST(Fused, JoinAgrees) {
  const Operation f = [](const auto& in) { return join(in[0], in[1]); };
  const std::vector<Tensor> in = {filled({2, 19, 7}, 1.0, 0.1), filled({2, 19, 3}, 1.0, 0.2)};
  expect_agrees(f, in, {true, true});
  expect_agrees(f, in, {true, false});
  EXPECT_THROW(join(in[0], in[1].slice(1, 0, 5)), c10::Error);
}

TEST(Fused, EnsembleMeanAndErrorsAgree) {
  for (const int64_t members : {1, 2, 5}) {
    const Tensor x = filled({members, 19, 21}, 1.0, 0.1);
    expect_agrees([](const auto& in) { return ensemble_mean(in[0]); }, {x}, {true});
    const Operation f = [](const auto& in) { return ensemble_squared_error(in[0], in[1]); };
    expect_agrees(f, {x, filled({19, 21}, 1.0, 0.2)}, {true, false});
    const Operation root = [](const auto& in) { return ensemble_root_error(in[0], in[1]); };
    expect_agrees(root, {x, filled({19, 21}, 1.0, 0.2)}, {true, true});
    expect_agrees(root, {x, filled({19, 21}, 1.0, 0.2)}, {true, false});
  }
}

TEST(Fused, NonContiguousInputsAgree) {
  const Operation f = [](const auto& in) {
    return linear_norm_silu(in[0].transpose(0, 1), in[1], in[2], in[3], in[4]).expand({2, 70, 128});
  };
  auto in = layer_inputs({70, 20}, 0, 128);
  in[0] = in[0].t().contiguous();
  expect_agrees(f, in, {true, true, true, true, true});
}

TEST(Fused, FrozenWeightsGetNoGradient) {
  const auto in = layer_inputs({40, 20}, 0, 32);
  const Operation f = [](const auto& t) { return linear_norm_silu(t[0], t[1], t[2], t[3], t[4]); };
  const Result r = run(f, in, {true, false, false, false, false}, at::kFloat);
  EXPECT_TRUE(r.gradients[0].defined());
  for (int i = 1; i < 5; ++i) EXPECT_FALSE(r.gradients[i].defined());
}

TEST(Fused, GradientsDoNotDependOnThreads) {
  const auto in = layer_inputs({2, 300, 1}, 2, 48);  // one input: the product is exact, whatever BLAS does
  const Operation f = [](const auto& t) { return linear_norm_silu(t[0], t[1], t[2], t[3], t[4]); };
  const int before = at::get_num_threads();
  std::vector<Result> results;
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    results.push_back(run(f, in, {true, true, true, true, true}, at::kFloat));
  }
  at::set_num_threads(before);
  for (size_t i = 1; i < results.size(); ++i) {
    EXPECT_TRUE(at::equal(results[0].y, results[i].y));
    for (const size_t k : {2, 3, 4})
      EXPECT_TRUE(at::equal(results[0].gradients[k], results[i].gradients[k])) << k;
  }
}

TEST(Fused, SecondDerivativeIsRefused) {
  Tensor x = filled({4, 16}, 1.0, 0.1).to(at::kFloat).requires_grad_();
  const Tensor y = simnorm(x, 8).square().sum();
  EXPECT_THROW(torch::autograd::grad({y}, {x}, {}, true, /*create_graph=*/true), c10::Error);
}

TEST(Fused, WrongShapesAreRefused) {
  const auto in = layer_inputs({4, 20}, 0, 12);
  EXPECT_THROW(linear(in[0], in[1].slice(1, 0, 19), in[2]), c10::Error);
  EXPECT_THROW(linear(in[0], in[1], in[2].slice(0, 0, 5)), c10::Error);
  EXPECT_THROW(linear_norm_simnorm(in[0], in[1], in[2], in[3], in[4], 8), c10::Error);
  EXPECT_THROW(simnorm(in[0], 8), c10::Error);
}

}  // namespace
}  // namespace reverie::tensor
