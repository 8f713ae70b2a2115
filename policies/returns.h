// Return targets as pure functions of tensors, without networks and random numbers.
#pragma once

#include <ATen/core/Tensor.h>

namespace reverie::policies {

// One-step target r + gamma * (1 - terminated) * next_value; all [N]. Sutton & Barto 2018, eq. 6.2.
at::Tensor td_target(const at::Tensor& rewards, const at::Tensor& terminated, const at::Tensor& next_values,
                     double discount);

// sum_k gamma^k (prod of continuation before k) r_k + gamma^T (prod) bootstrap: the objective of
// imagined rollouts. rewards, continuation [T, N] (T may be 0); bootstrap [N] -> [N].
// Differentiable in every argument.
at::Tensor n_step_return(const at::Tensor& rewards, const at::Tensor& continuation,
                         const at::Tensor& bootstrap, double discount);

// The mixture of returns of all lengths (DreamerV3, eq. 8): rewards, continuation [T, N], values [T, N] of the states
// behind the decisions -> [N]. lambda 1 is n_step_return() with the last value.
at::Tensor lambda_return(const at::Tensor& rewards, const at::Tensor& continuation, const at::Tensor& values,
                         double discount, double lambda);

// 95% minus 5% quantile of `values` [N], linear interpolation, a scalar: the scale of the actor's objective
// (DreamerV3, eq. 11).
at::Tensor percentile_range(const at::Tensor& values);

}  // namespace reverie::policies
