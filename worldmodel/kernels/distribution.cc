#include "worldmodel/kernels/distribution.h"

#include <algorithm>
#include <cmath>

#include "worldmodel/kernels/vector_math.h"

namespace reverie::kernels {
namespace {

constexpr float kStdRange = 0.9f;
constexpr float kStdShift = 2.0f;
constexpr float kLog2 = 0.693147180559945f;
constexpr float kHalfLogTwoPi = 0.918938533204673f;

// p <- softmax(x); returns log sum exp(x).
REVERIE_INLINE float softmax_row(int64_t n, const float* __restrict x, float* __restrict p) {
  float top = x[0];
#pragma omp simd reduction(max : top)
  for (int64_t i = 0; i < n; ++i) top = x[i] > top ? x[i] : top;
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) {
    p[i] = exp(x[i] - top);
    sum += p[i];
  }
  const float scale = 1.0f / sum;
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) p[i] *= scale;
  return top + std::log(sum);
}

// log(1 - tanh(u)^2) = 2 (log 2 - |u| - log(1 + e^-2|u|)): no cancellation for large |u|.
REVERIE_INLINE float log_squash_slope(float u) {
  const float size = magnitude(u);
  return 2.0f * (kLog2 - size - log1p_unit(exp(-2.0f * size)));
}

float spacing(const Bins& bins) { return (bins.high - bins.low) / static_cast<float>(bins.count - 1); }

}  // namespace

TwoHot two_hot(float target, const Bins& bins) {
  const float symlog = std::copysign(std::log1p(std::fabs(target)), target);
  const float clamped = std::clamp(symlog, bins.low, bins.high);
  const float position = (clamped - bins.low) / spacing(bins);
  // The comparison sends NaN to bin 0; its fraction stays NaN and so does the loss.
  const int64_t lower = position > 0.0f ? std::min(static_cast<int64_t>(position), bins.count - 2) : 0;
  return {lower, position - static_cast<float>(lower)};
}

REVERIE_KERNEL
void two_hot_loss_forward(int64_t rows, const Bins& bins, const float* logits, const float* target, float* p,
                          float* loss) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = logits + r * bins.count;
    const float normaliser = softmax_row(bins.count, row, p + r * bins.count);
    const TwoHot t = two_hot(target[r], bins);
    loss[r] = normaliser - ((1.0f - t.fraction) * row[t.lower] + t.fraction * row[t.lower + 1]);
  }
}

REVERIE_KERNEL
void two_hot_loss_backward(int64_t rows, const Bins& bins, const float* p, const float* target,
                           const float* dloss, float* dlogits) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict in = p + r * bins.count;
    float* __restrict out = dlogits + r * bins.count;
    const float scale = dloss[r];
#pragma omp simd
    for (int64_t i = 0; i < bins.count; ++i) out[i] = scale * in[i];
    const TwoHot t = two_hot(target[r], bins);
    out[t.lower] -= scale * (1.0f - t.fraction);
    out[t.lower + 1] -= scale * t.fraction;
  }
}

REVERIE_KERNEL
void two_hot_value_forward(int64_t rows, const Bins& bins, const float* logits, float* p, float* mean,
                           float* value) {
  const float step = spacing(bins);
  for (int64_t r = 0; r < rows; ++r) {
    float* row = p + r * bins.count;
    softmax_row(bins.count, logits + r * bins.count, row);
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < bins.count; ++i) sum += row[i] * (bins.low + step * static_cast<float>(i));
    mean[r] = sum;
    value[r] = std::copysign(std::expm1(std::fabs(sum)), sum);
  }
}

REVERIE_KERNEL
void two_hot_value_backward(int64_t rows, const Bins& bins, const float* p, const float* mean,
                            const float* dvalue, float* dlogits) {
  const float step = spacing(bins);
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict in = p + r * bins.count;
    float* __restrict out = dlogits + r * bins.count;
    const float slope = dvalue[r] * std::exp(std::fabs(mean[r]));
    const float origin = bins.low - mean[r];
#pragma omp simd
    for (int64_t i = 0; i < bins.count; ++i) out[i] = slope * in[i] * (origin + step * static_cast<float>(i));
  }
}

REVERIE_KERNEL
void tanh_gaussian_forward(int64_t rows, int64_t actions, float std_floor, const float* head,
                           const float* noise, float* action, float* log_prob) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict mean = head + r * 2 * actions;
    const float* __restrict raw = mean + actions;
    const float* __restrict n = noise + r * actions;
    float* __restrict out = action + r * actions;
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < actions; ++i) {
      const float std = kStdRange * sigmoid(raw[i] + kStdShift) + std_floor;
      const float u = mean[i] + std * n[i];
      out[i] = tanh(u);
      sum -= 0.5f * n[i] * n[i] + kHalfLogTwoPi + log_squash_slope(u) + log(std);
    }
    log_prob[r] = sum;
  }
}

REVERIE_KERNEL
void tanh_gaussian_backward(int64_t rows, int64_t actions, float std_floor, const float* head,
                            const float* noise, const float* action, const float* daction,
                            const float* dlog_prob, float* dhead) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict raw = head + r * 2 * actions + actions;
    const float* __restrict n = noise + r * actions;
    const float* __restrict a = action + r * actions;
    const float* __restrict da = daction == nullptr ? nullptr : daction + r * actions;
    float* __restrict dmean = dhead + r * 2 * actions;
    float* __restrict draw = dmean + actions;
    const float dlog = dlog_prob == nullptr ? 0.0f : dlog_prob[r];
#pragma omp simd
    for (int64_t i = 0; i < actions; ++i) {
      const float s = sigmoid(raw[i] + kStdShift);
      const float std = kStdRange * s + std_floor;
      // d log_prob / du = 2 tanh(u): only the squash depends on u once the noise is fixed.
      float du = 2.0f * a[i] * dlog;
      if (da != nullptr) du += da[i] * (1.0f - a[i] * a[i]);
      dmean[i] = du;
      draw[i] = (du * n[i] - dlog / std) * kStdRange * s * (1.0f - s);
    }
  }
}

}  // namespace reverie::kernels
