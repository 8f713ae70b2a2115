// Fused parts of the grounded dynamics against the same composed of ATen operations in double precision.
#include "worldmodel/grounded/fused_dynamics.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <vector>

#include "contract/rng.h"
#include "tensor/tensor_io.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kRows = 33, kLatent = 11, kObservation = 3, kAction = 2, kProducts = 5, kHeads = 2,
                  kHidden = 7;

at::Tensor normals(const std::vector<int64_t>& shape, uint64_t index) {
  contract::Rng rng(6, index, contract::Stream::kReplay);
  return tensor::normal_tensor(shape, rng);
}

// The same numbers with gradients of their own, in single and in double precision.
struct Leaves {
  std::vector<at::Tensor> fused, composed;
};
Leaves leaves(const std::vector<at::Tensor>& values) {
  Leaves out;
  for (const at::Tensor& value : values) {
    out.fused.push_back(value.clone().requires_grad_(true));
    out.composed.push_back(value.to(at::kDouble).requires_grad_(true));
  }
  return out;
}

void expect_same(const at::Tensor& fused, const at::Tensor& composed) {
  ASSERT_EQ(fused.sizes(), composed.sizes());
  EXPECT_LT((fused.to(at::kDouble) - composed).abs().max().item<double>(),
            1e-5 * (1.0 + composed.abs().max().item<double>()));
}

void expect_same_gradients(const Leaves& all) {
  for (size_t i = 0; i < all.fused.size(); ++i) {
    ASSERT_TRUE(all.fused[i].grad().defined()) << i;
    SCOPED_TRACE(i);
    expect_same(all.fused[i].grad(), all.composed[i].grad());
  }
}

TEST(FusedDynamics, InputsAreTheComposedOnes) {
  const int64_t pair = kObservation + kAction;
  const Leaves all =
      leaves({normals({kRows, kLatent}, 1), normals({kRows, kAction}, 2), normals({kProducts, pair}, 3),
              normals({kProducts}, 4), normals({kProducts, pair}, 5), normals({kProducts}, 6)});
  const at::Tensor up_all = normals({kRows, kLatent + kAction + kProducts}, 7),
                   up_skip = normals({kRows, pair + kProducts}, 8);
  const auto& f = all.fused;
  const DynamicsInputs inputs = fused_inputs_of(f[0], f[1], {f[2], f[3]}, {f[4], f[5]});
  const auto& c = all.composed;
  const at::Tensor x = at::cat({c[0].slice(1, 0, kObservation), c[1]}, 1);
  const at::Tensor q = (x.matmul(c[2].t()) + c[3]) * (x.matmul(c[4].t()) + c[5]);
  const at::Tensor wanted = at::cat({c[0], c[1], q}, 1), skip = at::cat({x, q}, 1);
  expect_same(inputs.all, wanted);
  expect_same(inputs.skip, skip);
  ((inputs.all * up_all).sum() + (inputs.skip * up_skip).sum()).backward();
  ((wanted * up_all).sum() + (skip * up_skip).sum()).backward();
  expect_same_gradients(all);
  at::NoGradGuard no_grad;
  EXPECT_TRUE(at::equal(fused_inputs_of(f[0], f[1], {f[2], f[3]}, {f[4], f[5]}).all, inputs.all));
}

TEST(FusedDynamics, AnOutputThatNobodyReadsAddsNothing) {
  const int64_t pair = kObservation + kAction;
  const at::Tensor z = normals({kRows, kLatent}, 1).requires_grad_(true), a = normals({kRows, kAction}, 2),
                   w = normals({kProducts, pair}, 3), b = normals({kProducts}, 4);
  fused_inputs_of(z, a, {w, b}, {w, b}).all.slice(1, 0, kLatent).sum().backward();
  EXPECT_TRUE(at::equal(z.grad(), at::ones_like(z)));
}

TEST(FusedDynamics, TheChangeIsTheComposedOne) {
  const int64_t width = kObservation + kAction + kProducts;
  const Leaves all =
      leaves({normals({kHeads, kRows, kHidden}, 1), normals({kHeads, kObservation, kHidden}, 2),
              normals({kHeads, kObservation}, 3), normals({kRows, width}, 4),
              normals({kHeads, kObservation, width}, 5), normals({kHeads, kObservation}, 6)});
  const at::Tensor up = normals({kHeads, kRows, kObservation}, 7);
  const auto& f = all.fused;
  const at::Tensor change = fused_change(f[0], {f[1], f[2]}, f[3], {f[4], f[5]});
  const auto& c = all.composed;
  const at::Tensor wanted = c[0].matmul(c[1].transpose(1, 2)) + c[2].unsqueeze(1) +
                            c[3].matmul(c[4].transpose(1, 2)) + c[5].unsqueeze(1);
  expect_same(change, wanted);
  (change * up).sum().backward();
  (wanted * up).sum().backward();
  expect_same_gradients(all);
  at::NoGradGuard no_grad;
  EXPECT_TRUE(at::equal(fused_change(f[0], {f[1], f[2]}, f[3], {f[4], f[5]}), change));
}

TEST(FusedDynamics, WhereItLeadsIsTheComposedPlace) {
  const int64_t features = kLatent - kObservation;
  const Leaves all = leaves({normals({kRows, kLatent}, 1), normals({kHeads, kRows, kObservation}, 2),
                             normals({kHeads, kRows, features}, 3)});
  const at::Tensor unit = normals({kObservation}, 4).abs(), high = normals({kObservation}, 5).abs() + 0.3,
                   low = -high, up = normals({kRows, kLatent}, 6);  // a third of the rows meets an end
  const auto& f = all.fused;
  const at::Tensor next = fused_landing(f[0], f[1], f[2], unit, low, high);
  const auto& c = all.composed;
  const at::Tensor s = c[0].slice(1, 0, kObservation) + unit.to(at::kDouble) * c[1].mean(0);
  const at::Tensor wanted =
      at::cat({at::clamp(s, low.to(at::kDouble), high.to(at::kDouble)), c[2].mean(0)}, 1);
  expect_same(next, wanted);
  (next * up).sum().backward();
  (wanted * up).sum().backward();
  expect_same_gradients(all);
  EXPECT_GT((next.slice(1, 0, kObservation) == high).sum().item<int64_t>(), 0);
}

}  // namespace
}  // namespace reverie::worldmodel
