// Raw loops of "bias, LayerNorm, activation" on float rows: what follows a matrix product. Rows are [rows,
// D], contiguous. Callers split rows over threads; nothing here allocates or starts threads.
#pragma once

#include <cstdint>

namespace reverie::kernels {

constexpr float kNormEpsilon = 1e-5f;  // LayerNorm's, PyTorch's default

// One row's parameters, D entries each.
struct NormParameters {
  const float* bias;   // of the linear layer before
  const float* gamma;  // LayerNorm's scale
  const float* beta;   // LayerNorm's shift
};

// Sums over rows of the gradients of NormParameters, D entries each; added to, not set.
struct NormGradients {
  float* bias;
  float* gamma;
  float* beta;
};

// x <- (x + bias - mean) / sqrt(var + eps) in place; rstd [rows] <- the reciprocal root (null: not wanted);
// y [rows, D] <- SiLU(x * gamma + beta); y may be x itself.
void norm_silu_forward(int64_t rows, int64_t d, float* x, NormParameters p, float* rstd, float* y);

// From normalised rows and dy = dL/dy: dx [rows, D] <- the gradient of the linear layer's output. `sums` adds
// up parameter gradients; null bias pointer: not wanted (frozen).
void norm_silu_backward(int64_t rows, int64_t d, const float* normalised, const float* rstd, NormParameters p,
                        const float* dy, float* dx, NormGradients sums);

// The same with y = softmax within each `group` consecutive entries (SimNorm, TD-MPC2 eq. 5); backward takes
// y.
void norm_simnorm_forward(int64_t rows, int64_t d, int64_t group, float* x, NormParameters p, float* rstd,
                          float* y);
void norm_simnorm_backward(int64_t rows, int64_t d, int64_t group, const float* normalised, const float* rstd,
                           NormParameters p, const float* y, const float* dy, float* dx, NormGradients sums);

// SimNorm alone; y may be x. n entries, a multiple of group.
void simnorm_forward(int64_t n, int64_t group, const float* x, float* y);
void simnorm_backward(int64_t n, int64_t group, const float* y, const float* dy, float* dx);

// x [rows, D] += bias, and sums [D] += each column's sum.
void add_bias(int64_t rows, int64_t d, const float* bias, float* x);
void add_column_sums(int64_t rows, int64_t d, const float* x, float* sums);

}  // namespace reverie::kernels
