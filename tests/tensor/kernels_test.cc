// Elementary functions against the C library's in double, and the loops of every instruction
// set against each other.
#include "tensor/kernels/kernels.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "contract/rng.h"

namespace reverie::tensor::kernels {
namespace {
namespace simd {
#define REVERIE_LANES 4
#include "tensor/kernels/simd.inl"
}  // namespace simd

// Largest |f(x) - reference(x)| / (|reference(x)| + floor) over evenly spaced floats.
template <class F, class R>
double worst(float low, float high, double floor, F f, R reference) {
  double result = 0.0;
  constexpr int kPoints = 400001;
  for (int i = 0; i < kPoints; ++i) {
    const float x = low + (high - low) * static_cast<float>(i) / (kPoints - 1);
    const double expected = reference(static_cast<double>(x));
    result = std::fmax(result, std::fabs(f(simd::all(x))[0] - expected) / (std::fabs(expected) + floor));
  }
  return result;
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Simd, Exp) {
  const auto reference = [](double x) { return std::exp(x); };
  EXPECT_LT(worst(-87.0f, 88.0f, 0.0, simd::exp, reference), 2e-7);
  EXPECT_LT(worst(-1.0f, 1.0f, 0.0, simd::exp, reference), 2e-7);
  EXPECT_EQ(simd::exp(simd::all(0.0f))[0], 1.0f);
  EXPECT_TRUE(std::isnan(simd::exp(simd::all(kNan))[0]));
  EXPECT_LT(simd::exp(simd::all(-kInfinity))[0], 1e-37f);
  EXPECT_GT(simd::exp(simd::all(kInfinity))[0], 1e38f);
}

TEST(Simd, Sigmoid) {
  const auto reference = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  EXPECT_LT(worst(-80.0f, 80.0f, 0.0, simd::sigmoid, reference), 5e-7);
}

TEST(Simd, Tanh) {
  const auto reference = [](double x) { return std::tanh(x); };
  EXPECT_LT(worst(-10.0f, 10.0f, 0.0, simd::tanh, reference), 5e-7);
  EXPECT_LT(worst(-0.5f, 0.5f, 0.0, simd::tanh, reference), 5e-7);
  EXPECT_EQ(simd::tanh(simd::all(50.0f))[0], 1.0f);
  EXPECT_EQ(simd::tanh(simd::all(-50.0f))[0], -1.0f);
  EXPECT_TRUE(std::isnan(simd::tanh(simd::all(kNan))[0]));
}

TEST(Simd, Logarithms) {
  EXPECT_LT(worst(0.0f, 1.0f, 1e-30, simd::log1p_unit, [](double x) { return std::log1p(x); }), 4e-7);
  const auto reference = [](double x) { return std::log(x); };
  EXPECT_LT(worst(1e-6f, 4.0f, 1.0, simd::log, reference), 2e-7);
  EXPECT_LT(worst(1.0f, 1e30f, 1.0, simd::log, reference), 2e-7);
  EXPECT_TRUE(std::isnan(simd::log(simd::all(kNan))[0]));
}

TEST(Simd, Expm1) {
  EXPECT_LT(worst(0.0f, 9.0f, 1e-30, simd::expm1_positive, [](double x) { return std::expm1(x); }), 1e-6);
}

TEST(Simd, SineAndCosine) {
  const auto sine = [](simd::Vec x) { return simd::sine_cosine(x).sine; };
  const auto cosine = [](simd::Vec x) { return simd::sine_cosine(x).cosine; };
  EXPECT_LT(worst(-10.0f, 10.0f, 1.0, sine, [](double x) { return std::sin(x); }), 1e-7);
  EXPECT_LT(worst(-1000.0f, 1000.0f, 1.0, sine, [](double x) { return std::sin(x); }), 1e-7);
  EXPECT_LT(worst(-1000.0f, 1000.0f, 1.0, cosine, [](double x) { return std::cos(x); }), 1e-7);
  for (const float far : {1e9f, -3e20f, 3e38f}) {
    EXPECT_LE(std::fabs(sine(simd::all(far))[0]), 1.0f);
    EXPECT_LE(std::fabs(cosine(simd::all(far))[0]), 1.0f);
  }
  EXPECT_TRUE(std::isnan(sine(simd::all(kNan))[0]));
  EXPECT_TRUE(std::isnan(cosine(simd::all(kInfinity))[0]));
}

std::vector<float> filled(int64_t n, float scale) {
  std::vector<float> v(n);
  for (int64_t i = 0; i < n; ++i) v[i] = scale * std::sin(0.37f * static_cast<float>(i * i % 1009));
  return v;
}

// A frame, a hinge and a ball on it, a free body, and balls on all three bodies.
std::vector<float> motion_outputs(const Kernels& k) {
  constexpr int64_t kRows = 37, kBodies = 4, kBalls = 3;
  using Kind = KinematicStep::Kind;
  KinematicPlan plan;
  plan.positions = 13;
  plan.velocities = 11;
  plan.frames = {0, 1, 4, 5};
  KinematicStep step;
  step.place = {0.1, -0.3, 0.2};
  step.axis = {0.6, 0.0, -0.8};
  step.turn = {0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0};
  step.turned = step.placed = true;
  constexpr std::array<Kind, 5> kKinds = {Kind::kFixed, Kind::kSlide, Kind::kHinge, Kind::kBall, Kind::kFree};
  constexpr std::array<int32_t, 5> kPositions = {0, 0, 1, 2, 6}, kVelocities = {0, 0, 1, 2, 5};
  for (size_t i = 0; i < 5; ++i) {
    step.kind = kKinds[i];
    step.from = i == 4 ? 0 : static_cast<int32_t>(i);
    step.qpos = kPositions[i];
    step.qvel = kVelocities[i];
    plan.steps.push_back(step);
  }
  std::vector<TouchBall> balls;
  for (const int32_t body : {1, 2, 3}) balls.push_back({body, 0.1, 0.3, {0.2, 0.1, -0.4}, {0.0, 0.6, 0.8}});
  const std::vector<float> qpos = filled(kRows * plan.positions, 2.0f);
  const std::vector<float> qvel = filled(kRows * plan.velocities, 1.0f);
  std::vector<float> scratch(kinematic_scratch(plan) + touch_scratch(kBodies));
  std::vector<float> place(kRows * kBodies * 3), velocity(place), spin(place), rotation(3 * place.size());
  const BodyArrays<const float> bodies{place.data(), rotation.data(), velocity.data(), spin.data()};
  k.kinematics_forward(kRows, plan, qpos.data(), qvel.data(),
                       {place.data(), rotation.data(), velocity.data(), spin.data()}, scratch.data());
  std::vector<float> clearance(kRows * kBalls), approach(clearance), slide(3 * clearance.size());
  k.touch_forward(kRows, kBodies, balls, bodies, {clearance.data(), approach.data(), slide.data()},
                  scratch.data());
  std::vector<float> dplace(place), dvelocity(place), dspin(place), drotation(rotation), dqpos(qpos),
      dqvel(qvel);
  k.touch_backward(kRows, kBodies, balls, bodies, {clearance.data(), nullptr, slide.data()}, scratch.data(),
                   {dplace.data(), drotation.data(), dvelocity.data(), dspin.data()});
  k.kinematics_backward(kRows, plan, qpos.data(), qvel.data(),
                        {dplace.data(), drotation.data(), dvelocity.data(), nullptr}, scratch.data(),
                        dqpos.data(), dqvel.data());
  std::vector<float> all;
  for (const auto& v : {place, rotation, velocity, spin, clearance, approach, slide, dspin, dqpos, dqvel})
    all.insert(all.end(), v.begin(), v.end());
  return all;
}

// A run of every loop; sizes leave part of a vector over in each instruction set.
std::vector<float> outputs(const Kernels& k) {
  constexpr int64_t kRows = 37, kWidth = 24, kBins = 51, kActions = 3;
  std::vector<float> all;
  const auto add = [&](const std::vector<float>& v) { all.insert(all.end(), v.begin(), v.end()); };
  const std::vector<float> bias = filled(kWidth, 0.3f), gamma = filled(kWidth, 1.2f),
                           beta = filled(kWidth, 0.5f);
  const NormParameters p{bias.data(), gamma.data(), beta.data()};
  const std::vector<float> dy = filled(kRows * kWidth, 0.9f);
  for (const bool silu : {true, false}) {
    std::vector<float> x = filled(kRows * kWidth, 2.0f), y(x), dx(x), rstd(kRows);
    std::vector<float> dbias(kWidth), dgamma(kWidth), dbeta(kWidth);
    const NormGradients sums{dbias.data(), dgamma.data(), dbeta.data()};
    if (silu) {
      k.norm_silu_forward(kRows, kWidth, x.data(), p, rstd.data(), y.data());
      k.norm_silu_backward(kRows, kWidth, x.data(), rstd.data(), p, dy.data(), dx.data(), sums);
    } else {
      k.norm_simnorm_forward(kRows, kWidth, 8, x.data(), p, rstd.data(), y.data());
      k.norm_simnorm_backward(kRows, kWidth, 8, x.data(), rstd.data(), p, y.data(), dy.data(), dx.data(),
                              sums);
    }
    for (const auto& v : {x, rstd, y, dx, dbias, dgamma, dbeta}) add(v);
  }
  const Bins bins{kBins, -5.0f, 6.0f};
  const std::vector<float> logits = filled(kRows * kBins, 3.0f), target = filled(kRows, 300.0f);
  std::vector<float> q(logits), dlogits(logits), loss(kRows), value(kRows);
  k.two_hot_loss_forward(kRows, bins, logits.data(), target.data(), q.data(), loss.data());
  k.two_hot_loss_backward(kRows, bins, q.data(), target.data(), dy.data(), dlogits.data());
  for (const auto& v : {q, loss, dlogits}) add(v);
  k.two_hot_value_forward(kRows, bins, logits.data(), q.data(), value.data());
  k.two_hot_value_backward(kRows, bins, q.data(), value.data(), dy.data(), dlogits.data());
  for (const auto& v : {q, value, dlogits}) add(v);
  const std::vector<float> head = filled(kRows * 2 * kActions, 1.5f), noise = filled(kRows * kActions, 1.0f);
  std::vector<float> action(noise), log_prob(kRows), dhead(head);
  k.tanh_gaussian_forward(kRows, kActions, 0.1f, head.data(), noise.data(), action.data(), log_prob.data());
  k.tanh_gaussian_backward(kRows, kActions, 0.1f, head.data(), noise.data(), action.data(), dy.data(),
                           dy.data() + 200, dhead.data());
  for (const auto& v : {action, log_prob, dhead, motion_outputs(k)}) add(v);
  return all;
}

TEST(Kernels, EveryInstructionSetAgrees) {
  const auto sets = available_kernels();
  ASSERT_FALSE(sets.empty());
  const std::vector<float> expected = outputs(sets[0]);
  for (const Kernels& k : sets.subspan(1)) {
    const std::vector<float> values = outputs(k);
    double error = 0.0;
    for (size_t i = 0; i < values.size(); ++i) {
      error = std::fmax(error, std::fabs(values[i] - expected[i]) / (1.0 + std::fabs(expected[i])));
    }
    EXPECT_LT(error, 2e-5) << k.instruction_set;
  }
}

// Each number's distribution function gives back the word of the block function that it was made from.
TEST(Kernels, NormalsInvertTheDistributionOfPhiloxWords) {
  constexpr std::array<uint32_t, 4> kCounter = {5, 6, 7, 8};
  constexpr std::array<uint32_t, 2> kKey = {9, 10};
  for (const Kernels& k : available_kernels()) {
    std::vector<float> numbers(20003);
    k.normals(std::ssize(numbers), kCounter.data(), kKey.data(), numbers.data());
    double error = 0.0;
    for (size_t i = 0; i < numbers.size(); ++i) {
      const auto words = contract::philox4x32({kCounter[0] + static_cast<uint32_t>(i / 4), 6, 7, 8}, kKey);
      const double expected = (static_cast<double>(words[i % 4] >> 9) + 0.5) * 0x1.0p-23;
      error = std::fmax(error, std::fabs(0.5 * std::erfc(-numbers[i] / std::sqrt(2.0)) - expected));
    }
    EXPECT_LT(error, 3e-7) << k.instruction_set;
  }
}

}  // namespace
}  // namespace reverie::tensor::kernels
