#include "policies/returns.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace reverie::policies {
namespace {

// Numbers written by tests/oracles/returns.py.
class Returns : public ::testing::Test {
 protected:
  void SetUp() override { std::ifstream(REVERIE_TEST_DATA "/returns.json") >> oracle_; }

  at::Tensor tensor(const std::string& name) const {
    const auto& rows = oracle_.at(name);
    std::vector<double> flat;
    if (!rows[0].is_array()) {
      flat = rows.get<std::vector<double>>();
      return torch::tensor(flat, torch::kFloat64);
    }
    for (const auto& row : rows) {
      for (const auto& value : row) flat.push_back(value);
    }
    const auto n = static_cast<int64_t>(rows.size());
    return torch::tensor(flat, torch::kFloat64).view({n, -1});
  }

  void expect_close(const at::Tensor& found, const std::string& name) const {
    EXPECT_LT((found - tensor(name)).abs().max().item<double>(), 1e-8) << name << "\n" << found;
  }

  nlohmann::json oracle_;
};

TEST_F(Returns, NStepReturnAndItsGradients) {
  const at::Tensor rewards = tensor("rewards").requires_grad_(true);
  const at::Tensor continuation = tensor("continuation").requires_grad_(true);
  const at::Tensor returns =
      n_step_return(rewards, continuation, tensor("values")[3], oracle_["discount"].get<double>());
  expect_close(returns.detach(), "n_step");
  returns.sum().backward();
  expect_close(rewards.grad(), "n_step_d_rewards");
  expect_close(continuation.grad(), "n_step_d_continuation");
}

TEST(TdTarget, StopsAtATerminal) {
  const at::Tensor target =
      td_target(torch::tensor({1.0, 1.0}), torch::tensor({0.0, 1.0}), torch::tensor({10.0, 10.0}), 0.9);
  EXPECT_DOUBLE_EQ(target[0].item<double>(), 10.0);
  EXPECT_DOUBLE_EQ(target[1].item<double>(), 1.0);
}

TEST(PercentileRange, InterpolatesLikeTheDefinition) {
  // 101 values 0..100: quantile q is 100 q exactly, whatever their order.
  EXPECT_NEAR(percentile_range(torch::arange(100.0, -1.0, -1.0)).item<double>(), 90.0, 1e-5);
  EXPECT_DOUBLE_EQ(percentile_range(torch::full({7}, 3.0)).item<double>(), 0.0);
}

}  // namespace
}  // namespace reverie::policies
