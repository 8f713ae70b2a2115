// The fused operations against numbers that a program without PyTorch computed: tests/oracles/fused.py.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "tensor/fused.h"

namespace reverie::tensor {
namespace {

using at::Tensor;

Tensor read(const nlohmann::json& j) {
  return at::tensor(j["data"].get<std::vector<double>>()).reshape(j["shape"].get<std::vector<int64_t>>());
}

Tensor evaluate(const nlohmann::json& c, const std::vector<Tensor>& in) {
  const std::string name = c["name"];
  if (name == "linear_norm_silu") return linear_norm_silu(in[0], in[1], in[2], in[3], in[4]);
  if (name == "linear_norm_simnorm")
    return linear_norm_simnorm(in[0], in[1], in[2], in[3], in[4], c["group"]);
  if (name == "simnorm") return simnorm(in[0], c["group"]);
  if (name == "two_hot_cross_entropy") return two_hot_cross_entropy(in[0], in[1], -5.0, 6.0);
  if (name == "two_hot_expectation") return two_hot_expectation(in[0], -5.0, 6.0);
  if (name == "ensemble_root_error") return ensemble_root_error(in[0], in[1]);
  if (name == "action") return tanh_gaussian(in[0], in[1], 0.1).action;
  return tanh_gaussian(in[0], in[1], 0.1).log_prob;
}

double relative_error(const Tensor& value, const Tensor& expected) {
  EXPECT_EQ(value.sizes(), expected.sizes());
  return ((value.to(at::kCPU, at::kDouble) - expected).abs().max() / expected.abs().max().clamp_min(1.0))
      .item<double>();
}

void expect_all_cases(const at::TensorOptions& options, double tolerance) {
  const nlohmann::json cases = nlohmann::json::parse(std::ifstream(REVERIE_TEST_DATA "/fused.json"));
  ASSERT_EQ(cases.size(), 10u);
  for (const nlohmann::json& c : cases) {
    SCOPED_TRACE(c["name"].get<std::string>());
    std::vector<Tensor> in;
    for (const nlohmann::json& j : c["inputs"]) in.push_back(read(j).to(options).requires_grad_());
    const Tensor y = evaluate(c, in);
    EXPECT_LT(relative_error(y, read(c["output"])), tolerance);
    (y * read(c["weights"]).to(options)).sum().backward();
    ASSERT_GE(c["gradients"].size(), 1u);
    for (size_t k = 0; k < c["gradients"].size(); ++k) {
      EXPECT_LT(relative_error(in[k].grad(), read(c["gradients"][k])), tolerance) << "gradient " << k;
    }
  }
}

TEST(FusedOracle, Kernels) { expect_all_cases(at::kFloat, 3e-6); }

TEST(FusedOracle, Composed) { expect_all_cases(at::kDouble, 1e-8); }

TEST(FusedOracle, Cuda) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  expect_all_cases(at::device(at::kCUDA).dtype(at::kFloat), 1e-5);
}

}  // namespace
}  // namespace reverie::tensor
