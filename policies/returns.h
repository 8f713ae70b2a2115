// Return targets as pure functions of tensors; no networks, no randomness.
#pragma once

#include <ATen/core/Tensor.h>

namespace reverie {

// One-step target r + gamma * (1 - terminated) * next_value; all [N]. Sutton & Barto 2018, eq. 6.2.
at::Tensor td_target(const at::Tensor& rewards, const at::Tensor& terminated, const at::Tensor& next_values,
                     double discount);

// Lambda-returns by backward recursion: R_t = r_t + gamma c_t ((1 - lambda) v_{t+1} + lambda R_{t+1}), R_T =
// v_T. rewards, continuation [T, N]; values [T+1, N] -> [T, N]. Schulman et al. 2016; DreamerV3, eq. 7.
at::Tensor lambda_returns(const at::Tensor& rewards, const at::Tensor& continuation, const at::Tensor& values,
                          double discount, double lambda);

// sum_k gamma^k (prod of continuation before k) r_k + gamma^T (prod) bootstrap: the objective of imagined
// rollouts. rewards, continuation [T, N] (T may be 0); bootstrap [N] -> [N]. Differentiable in every
// argument.
at::Tensor n_step_return(const at::Tensor& rewards, const at::Tensor& continuation,
                         const at::Tensor& bootstrap, double discount);

// 95% minus 5% quantile of `values` [N], linear interpolation: the scale of the actor's objective (DreamerV3,
// eq. 11).
double percentile_range(const at::Tensor& values);

}  // namespace reverie
