// Differentiable operations of the model's networks, each one autograd node.
// On CPU float32 they run vectorised loops around BLAS products, with hand-written gradients; elsewhere
// (CUDA, float64) they are composed of ATen operations. They are differentiable once. Weights that do not
// require a gradient ("frozen") cost no gradient product.
//
// Weights come plain or as an ensemble of E members.
//   plain:     w [O, I], vectors [O], x [..., I] -> [..., O]
//   ensemble:  w [E, O, I], vectors [E, O], x [E, N, I] or one x [N, I] shared by all members -> [E, N, O]
// Other shapes throw c10::Error.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace reverie::tensor {

// y = x wᵀ + b.
at::Tensor linear(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b);

// y = SiLU(LayerNorm(x wᵀ + b) * gamma + beta), epsilon 1e-5.
at::Tensor linear_norm_silu(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b,
                            const at::Tensor& gamma, const at::Tensor& beta);

// Layers of linear_norm_silu, one behind the other: w, b, gamma, beta of each. Where w, b alone stand last, linear() follows.
at::Tensor normed_stack(const at::Tensor& x, at::TensorList layers);

// y = simnorm(LayerNorm(x wᵀ + b) * gamma + beta, group).
at::Tensor linear_norm_simnorm(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b,
                               const at::Tensor& gamma, const at::Tensor& beta, int64_t group);

// Softmax within each `group` consecutive entries of the last dimension, a multiple of
// group (SimNorm: TD-MPC2).
at::Tensor simnorm(const at::Tensor& x, int64_t group);

// Cross entropy of logits [..., N, K] against a two-hot target over K evenly spaced bins in [low, high]:
// target in raw units, symlog'ed, clamped, its weight split between the two nearest bins (DreamerV3). target:
// the logits' leading shape, or [N] shared by all the leading dimensions. Returns the leading shape.
// Gradient: logits only. A target that is NaN gives NaN.
at::Tensor two_hot_cross_entropy(const at::Tensor& logits, const at::Tensor& target, double low, double high);

// symexp(softmax(logits) · bins): logits [..., K] -> [...], raw units.
at::Tensor two_hot_expectation(const at::Tensor& logits, double low, double high);

struct SquashedAction {
  at::Tensor action;    // [..., A] = tanh(mean + std * noise), in [-1, 1]
  at::Tensor log_prob;  // [...], log density of the action, summed over A
};

// A reparameterised tanh-Gaussian from head [..., 2A] = (mean, s) and standard normal noise [..., A]. mean is
// taken as it is (tanh bounds the action); std = 0.9 sigmoid(s + 2) + std_floor. Gradient: head only.
SquashedAction tanh_gaussian(const at::Tensor& head, const at::Tensor& noise, double std_floor);

// [a, b] along the last dimension; their other dimensions are the same.
at::Tensor join(const at::Tensor& a, const at::Tensor& b);

// Mean over the first dimension: [E, ...] -> [...].
at::Tensor ensemble_mean(const at::Tensor& x);

// Mean over members and entries of (heads - target)^2: heads [E, N, Z], target [N, Z] -> [N].
// Gradient: heads only.
at::Tensor ensemble_squared_error(const at::Tensor& heads, const at::Tensor& target);

// Mean over members of the root mean square over entries: mean_e sqrt(mean_d (heads - target)^2 + 1e-6), heads
// [E, N, O], target [N, O] -> [N]. Gradient: both.
at::Tensor ensemble_root_error(const at::Tensor& heads, const at::Tensor& target);

}  // namespace reverie::tensor
