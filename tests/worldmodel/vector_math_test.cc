// The kernels' own elementary functions against the C library's in double, over their whole range.
#include "worldmodel/kernels/vector_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace reverie::kernels {
namespace {

// Largest |f(x) - reference(x)| / (|reference(x)| + floor) over evenly spaced floats.
template <class F, class R>
double worst(float low, float high, double floor, F f, R reference) {
  double result = 0.0;
  constexpr int kPoints = 400001;
  for (int i = 0; i < kPoints; ++i) {
    const float x = low + (high - low) * static_cast<float>(i) / (kPoints - 1);
    const double expected = reference(static_cast<double>(x));
    result = std::fmax(result, std::fabs(f(x) - expected) / (std::fabs(expected) + floor));
  }
  return result;
}

TEST(VectorMath, Exp) {
  const auto f = [](float x) { return exp(x); };
  const auto reference = [](double x) { return std::exp(x); };
  EXPECT_LT(worst(-87.0f, 88.0f, 0.0, f, reference), 2e-7);
  EXPECT_LT(worst(-1.0f, 1.0f, 0.0, f, reference), 2e-7);
  EXPECT_EQ(exp(0.0f), 1.0f);
  EXPECT_TRUE(std::isnan(exp(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_LT(exp(-1e30f), 1e-37f);
  EXPECT_GT(exp(1e30f), 1e38f);
}

TEST(VectorMath, Sigmoid) {
  const auto f = [](float x) { return sigmoid(x); };
  EXPECT_LT(worst(-80.0f, 80.0f, 0.0, f, [](double x) { return 1.0 / (1.0 + std::exp(-x)); }), 5e-7);
}

TEST(VectorMath, Tanh) {
  const auto f = [](float x) { return tanh(x); };
  const auto reference = [](double x) { return std::tanh(x); };
  EXPECT_LT(worst(-10.0f, 10.0f, 0.0, f, reference), 5e-7);
  EXPECT_LT(worst(-0.5f, 0.5f, 0.0, f, reference), 5e-7);
  EXPECT_EQ(tanh(50.0f), 1.0f);
  EXPECT_EQ(tanh(-50.0f), -1.0f);
  EXPECT_TRUE(std::isnan(tanh(std::numeric_limits<float>::quiet_NaN())));
}

TEST(VectorMath, Logarithms) {
  EXPECT_LT(
      worst(
          0.0f, 1.0f, 1e-30, [](float x) { return log1p_unit(x); }, [](double x) { return std::log1p(x); }),
      4e-7);
  const auto f = [](float x) { return log(x); };
  const auto reference = [](double x) { return std::log(x); };
  EXPECT_LT(worst(1e-6f, 4.0f, 1.0, f, reference), 2e-7);
  EXPECT_LT(worst(1.0f, 1e30f, 1.0, f, reference), 2e-7);
}

}  // namespace
}  // namespace reverie::kernels
