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

// Against the mixture written out: (1 - l) (G1 + l G2) + l^2 G3 of the returns of one, two and three decisions.
TEST(LambdaReturn, IsTheMixtureOfReturnsOfAllLengths) {
  const at::Tensor r = torch::tensor({{1.0}, {2.0}, {4.0}}), c = torch::tensor({{1.0}, {0.5}, {1.0}}),
                   v = torch::tensor({{10.0}, {20.0}, {40.0}});
  constexpr double kDiscount = 0.9, kLambda = 0.7;
  const double one = 1 + 0.9 * 10, two = 1 + 0.9 * (2 + 0.45 * 20),
               three = 1 + 0.9 * (2 + 0.45 * (4 + 0.9 * 40));
  const double mixture = (1 - kLambda) * (one + kLambda * two) + kLambda * kLambda * three;
  EXPECT_NEAR(lambda_return(r, c, v, kDiscount, kLambda).item<double>(), mixture, 1e-6);
  EXPECT_NEAR(lambda_return(r, c, v, kDiscount, 1.0).item<double>(),
              n_step_return(r, c, v[2], kDiscount).item<double>(), 1e-6);
  EXPECT_NEAR(lambda_return(r, c, v, kDiscount, 0.0).item<double>(), one, 1e-6);
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
