#include "worldmodel/kernels/norm.h"

#include <cmath>

#include "worldmodel/kernels/vector_math.h"

namespace reverie::kernels {
namespace {

// Adds the bias and normalises one row in place; returns 1 / sqrt(var + eps).
REVERIE_INLINE float normalise_row(int64_t d, float* __restrict x, const float* __restrict bias) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < d; ++i) {
    x[i] += bias[i];
    sum += x[i];
  }
  const float mean = sum / static_cast<float>(d);
  float squares = 0.0f;
#pragma omp simd reduction(+ : squares)
  for (int64_t i = 0; i < d; ++i) {
    x[i] -= mean;
    squares += x[i] * x[i];
  }
  const float rstd = 1.0f / std::sqrt(squares / static_cast<float>(d) + kNormEpsilon);
#pragma omp simd
  for (int64_t i = 0; i < d; ++i) x[i] *= rstd;
  return rstd;
}

// dx holds dL/d(affine output) on entry; on return the gradient of the row before the norm.
REVERIE_INLINE void norm_backward_row(int64_t d, const float* __restrict normalised, float rstd,
                                      const NormParameters& p, float* __restrict dx,
                                      const NormGradients& sums) {
  const bool wanted = sums.bias != nullptr;
  if (wanted) {
    float* __restrict dgamma = sums.gamma;
    float* __restrict dbeta = sums.beta;
#pragma omp simd
    for (int64_t i = 0; i < d; ++i) {
      dgamma[i] += dx[i] * normalised[i];
      dbeta[i] += dx[i];
    }
  }
  float sum = 0.0f;
  float dot = 0.0f;
  const float* __restrict gamma = p.gamma;
#pragma omp simd reduction(+ : sum, dot)
  for (int64_t i = 0; i < d; ++i) {
    dx[i] *= gamma[i];
    sum += dx[i];
    dot += dx[i] * normalised[i];
  }
  const float mean = sum / static_cast<float>(d);
  const float projection = dot / static_cast<float>(d);
#pragma omp simd
  for (int64_t i = 0; i < d; ++i) dx[i] = rstd * (dx[i] - mean - normalised[i] * projection);
  if (wanted) {
    float* __restrict dbias = sums.bias;
#pragma omp simd
    for (int64_t i = 0; i < d; ++i) dbias[i] += dx[i];
  }
}

// Softmax of one group; kGroup > 0 fixes its size at compile time so that the loops unroll into vectors.
template <int64_t kGroup>
REVERIE_INLINE void softmax_group(int64_t group, const float* x, float* y) {
  const int64_t n = kGroup > 0 ? kGroup : group;
  float top = x[0];
  for (int64_t i = 1; i < n; ++i) top = x[i] > top ? x[i] : top;
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) {
    y[i] = exp(x[i] - top);
    sum += y[i];
  }
  const float scale = 1.0f / sum;
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] *= scale;
}

template <int64_t kGroup>
REVERIE_INLINE void softmax_group_backward(int64_t group, const float* y, const float* dy, float* dx) {
  const int64_t n = kGroup > 0 ? kGroup : group;
  float dot = 0.0f;
#pragma omp simd reduction(+ : dot)
  for (int64_t i = 0; i < n; ++i) dot += y[i] * dy[i];
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) dx[i] = y[i] * (dy[i] - dot);
}

REVERIE_INLINE void softmax_groups(int64_t n, int64_t group, const float* x, float* y) {
  if (group == 8) {
    for (int64_t i = 0; i < n; i += 8) softmax_group<8>(8, x + i, y + i);
  } else {
    for (int64_t i = 0; i < n; i += group) softmax_group<0>(group, x + i, y + i);
  }
}

REVERIE_INLINE void softmax_groups_backward(int64_t n, int64_t group, const float* y, const float* dy,
                                            float* dx) {
  if (group == 8) {
    for (int64_t i = 0; i < n; i += 8) softmax_group_backward<8>(8, y + i, dy + i, dx + i);
  } else {
    for (int64_t i = 0; i < n; i += group) softmax_group_backward<0>(group, y + i, dy + i, dx + i);
  }
}

}  // namespace

REVERIE_KERNEL
void norm_silu_forward(int64_t rows, int64_t d, float* x, NormParameters p, float* rstd, float* y) {
  const float* gamma = p.gamma;
  const float* beta = p.beta;
  for (int64_t r = 0; r < rows; ++r) {
    float* row = x + r * d;
    const float reciprocal = normalise_row(d, row, p.bias);
    if (rstd != nullptr) rstd[r] = reciprocal;
    float* out = y + r * d;
#pragma omp simd
    for (int64_t i = 0; i < d; ++i) {
      const float z = row[i] * gamma[i] + beta[i];
      out[i] = z * sigmoid(z);
    }
  }
}

REVERIE_KERNEL
void norm_silu_backward(int64_t rows, int64_t d, const float* normalised, const float* rstd, NormParameters p,
                        const float* dy, float* dx, NormGradients sums) {
  const float* gamma = p.gamma;
  const float* beta = p.beta;
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = normalised + r * d;
    const float* upstream = dy + r * d;
    float* out = dx + r * d;
#pragma omp simd
    for (int64_t i = 0; i < d; ++i) {
      const float z = row[i] * gamma[i] + beta[i];
      const float s = sigmoid(z);
      out[i] = upstream[i] * s * (1.0f + z * (1.0f - s));
    }
    norm_backward_row(d, row, rstd[r], p, out, sums);
  }
}

REVERIE_KERNEL
void norm_simnorm_forward(int64_t rows, int64_t d, int64_t group, float* x, NormParameters p, float* rstd,
                          float* y) {
  const float* gamma = p.gamma;
  const float* beta = p.beta;
  for (int64_t r = 0; r < rows; ++r) {
    float* row = x + r * d;
    const float reciprocal = normalise_row(d, row, p.bias);
    if (rstd != nullptr) rstd[r] = reciprocal;
    float* out = y + r * d;
#pragma omp simd
    for (int64_t i = 0; i < d; ++i) out[i] = row[i] * gamma[i] + beta[i];
    softmax_groups(d, group, out, out);
  }
}

REVERIE_KERNEL
void norm_simnorm_backward(int64_t rows, int64_t d, int64_t group, const float* normalised, const float* rstd,
                           NormParameters p, const float* y, const float* dy, float* dx, NormGradients sums) {
  for (int64_t r = 0; r < rows; ++r) {
    softmax_groups_backward(d, group, y + r * d, dy + r * d, dx + r * d);
    norm_backward_row(d, normalised + r * d, rstd[r], p, dx + r * d, sums);
  }
}

REVERIE_KERNEL
void simnorm_forward(int64_t n, int64_t group, const float* x, float* y) { softmax_groups(n, group, x, y); }

REVERIE_KERNEL
void simnorm_backward(int64_t n, int64_t group, const float* y, const float* dy, float* dx) {
  softmax_groups_backward(n, group, y, dy, dx);
}

REVERIE_KERNEL
void add_bias(int64_t rows, int64_t d, const float* bias, float* x) {
  for (int64_t r = 0; r < rows; ++r) {
#pragma omp simd
    for (int64_t i = 0; i < d; ++i) x[r * d + i] += bias[i];
  }
}

REVERIE_KERNEL
void add_column_sums(int64_t rows, int64_t d, const float* x, float* sums) {
  for (int64_t r = 0; r < rows; ++r) {
#pragma omp simd
    for (int64_t i = 0; i < d; ++i) sums[i] += x[r * d + i];
  }
}

}  // namespace reverie::kernels
