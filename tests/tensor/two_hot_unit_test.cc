#include "tensor/two_hot_unit.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "tensor/fused.h"
#include "tensor/tensor_io.h"

namespace reverie::tensor {
namespace {

constexpr int64_t kBins = 151;
constexpr double kEnd = 6.0;

// A layer [K, 1] whose prediction at x = 1 is about `value`, with weight and bias both in use.
LinearLayer layer_of(double value) {
  const at::Tensor place = torch::linspace(-kEnd, kEnd, kBins);
  const double centre = std::copysign(std::log1p(std::abs(value)), value);
  const at::Tensor logits = -50.0 * (place - centre).square().clamp_max(0.5);
  return {(0.7 * logits).unsqueeze(-1).contiguous(), (0.3 * logits).contiguous()};
}

double prediction(const LinearLayer& layer) {
  return two_hot_expectation((layer.weight.squeeze(-1) + layer.bias).unsqueeze(0), -kEnd, kEnd)
      .item<double>();
}

TEST(DividePredictions, GoOnInTheNewUnit) {
  for (const double value : {-300.0, -20.0, 3.0, 60.0, 250.0}) {
    for (const double factor : {2.0, 4.0, 8.0, 0.5, 0.25}) {
      const double wanted = value / factor;
      if (std::abs(wanted) > 300.0) continue;
      const LinearLayer layer = layer_of(value);
      const double before = prediction(layer);
      divide_predictions(layer, -kEnd, kEnd, factor);
      EXPECT_NEAR(prediction(layer), before / factor, 0.1 * std::abs(wanted) + 0.05)
          << value << " / " << factor;
    }
  }
}

TEST(DividePredictions, LargeFactorsLeaveNearlyNothing) {
  const LinearLayer layer = layer_of(200.0);
  divide_predictions(layer, -kEnd, kEnd, 8192.0);
  EXPECT_NEAR(prediction(layer), 200.0 / 8192.0, 0.1);
}

TEST(DividePredictions, ChangeEveryMemberOfAnEnsembleInPlace) {
  const LinearLayer one = layer_of(40.0), other = layer_of(-9.0);
  const LinearLayer both{at::stack({one.weight, other.weight}), at::stack({one.bias, other.bias})};
  const LinearLayer view = both;
  for (const LinearLayer& layer : {one, other, both}) divide_predictions(layer, -kEnd, kEnd, 4.0);
  EXPECT_TRUE(at::equal(view.weight, at::stack({one.weight, other.weight})));
  EXPECT_TRUE(at::equal(view.bias, at::stack({one.bias, other.bias})));
}

}  // namespace
}  // namespace reverie::tensor
