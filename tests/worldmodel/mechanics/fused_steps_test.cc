// Fused operations of the mechanical model against the same composed of ATen operations in double precision.
#include "worldmodel/mechanics/fused_steps.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <vector>

#include "contract/rng.h"
#include "sim/task/task.h"
#include "tensor/tensor_io.h"
#include "tests/worldmodel/mechanics/small_robots.h"
#include "worldmodel/mechanics/inputs.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kRows = 33;

at::Tensor normals(const std::vector<int64_t>& shape, uint64_t index) {
  contract::Rng rng(5, index, contract::Stream::kReplay);
  return tensor::normal_tensor(shape, rng);
}

double difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b).abs().max().item<double>() / (1.0 + b.abs().max().item<double>());
}

// Copies that carry gradients of their own.
std::vector<at::Tensor> leaves(const std::vector<at::Tensor>& values, at::ScalarType type) {
  std::vector<at::Tensor> out;
  out.reserve(values.size());
  for (const at::Tensor& value : values) out.push_back(value.to(type).clone().requires_grad_(true));
  return out;
}

void expect_same_gradients(const std::vector<at::Tensor>& fused, const std::vector<at::Tensor>& composed) {
  for (size_t i = 0; i < fused.size(); ++i) {
    if (fused[i].numel() == 0) continue;
    ASSERT_TRUE(fused[i].grad().defined()) << i;
    EXPECT_LT(difference(fused[i].grad(), composed[i].grad()), 2e-4) << i;
  }
}

void compare_inputs(const contract::EnvSpec& spec) {
  const MechanicsInputs inputs(spec);
  const int64_t rest = inputs.coordinates().rest_size();
  // Near the stops and the floor, where switches turn.
  const std::vector<at::Tensor> values = {0.7 * normals({kRows, spec.nq}, 1), normals({kRows, spec.nv}, 2),
                                          normals({kRows, rest}, 3)};
  const at::Tensor mean = normals({inputs.size()}, 4), deviation = normals({inputs.size()}, 5).abs() + 0.5;
  const at::Tensor upstream = normals({kRows, inputs.size()}, 6);
  const auto of = [&](const std::vector<at::Tensor>& in) { return Motion{in[0], in[1], in[2]}; };
  const std::vector<at::Tensor> fused = leaves(values, at::kFloat), composed = leaves(values, at::kDouble);
  const at::Tensor x = inputs.standardised(of(fused), mean, deviation);
  const at::Tensor wanted =
      inputs.standardised(of(composed), mean.to(at::kDouble), deviation.to(at::kDouble));
  EXPECT_LT(difference(x, wanted), 1e-5);
  (x * upstream).sum().backward();
  (wanted * upstream).sum().backward();
  expect_same_gradients(fused, composed);
  at::NoGradGuard no_grad;
  EXPECT_EQ((inputs.standardised(of(fused), mean, deviation) - x).abs().max().item<double>(), 0.0);
}

TEST(FusedSteps, InputsAreTheComposedOnes) {
  compare_inputs(leg());
  compare_inputs(sim::Task::load("dmc/walker-walk")->spec());
  compare_inputs(sim::Task::load("dmc/finger-spin")->spec());
  compare_inputs(sim::Task::load("dmc/quadruped-walk")->spec());
}

TEST(FusedSteps, AStepIsTheComposedOne) {
  const contract::EnvSpec spec = leg();
  const Coordinates c(spec);
  const int64_t nq = spec.nq, nv = spec.nv, r = 1;
  constexpr double kDt = 0.02;
  const std::vector<at::Tensor> values = {normals({kRows, nq}, 1), normals({kRows, nv}, 2),
                                          normals({kRows, r}, 3), normals({kRows, 2 * nv + r}, 4)};
  const at::Tensor unit = normals({2 * nv + r}, 5).abs(), high = normals({nq + nv + r}, 6).abs() + 0.3,
                   low = -high;
  const std::vector<at::Tensor> fused = leaves(values, at::kFloat), composed = leaves(values, at::kDouble);
  const SteppedCoordinates next =
      fused_step(c.scalar_joints(), kDt, {fused[0], fused[1], fused[2]}, fused[3], unit, low, high);
  const at::Tensor l = low.to(at::kDouble), h = high.to(at::kDouble);
  const at::Tensor step = composed[3] * unit.to(at::kDouble);
  const at::Tensor v =
      at::clamp(composed[1] + step.slice(1, 0, nv), l.slice(0, nq, nq + nv), h.slice(0, nq, nq + nv));
  const at::Tensor q = at::clamp(composed[0] + 0.5 * kDt * (composed[1] + v) + step.slice(1, nv, 2 * nv),
                                 l.slice(0, 0, nq), h.slice(0, 0, nq));
  const at::Tensor rest =
      at::clamp(composed[2] + step.slice(1, 2 * nv), l.slice(0, nq + nv), h.slice(0, nq + nv));
  EXPECT_LT(difference(next.position, q), 1e-6);
  EXPECT_LT(difference(next.velocity, v), 1e-6);
  EXPECT_LT(difference(next.rest, rest), 1e-6);
  const at::Tensor a = normals({kRows, nq}, 7), b = normals({kRows, nv}, 8), d = normals({kRows, r}, 9);
  ((next.position * a).sum() + (next.velocity * b).sum() + (next.rest * d).sum()).backward();
  ((q * a).sum() + (v * b).sum() + (rest * d).sum()).backward();
  expect_same_gradients(fused, composed);
}

}  // namespace
}  // namespace reverie::worldmodel
