// exp, log1p and friends on float, branch-free so that a loop over them vectorises. Coefficients are Taylor
// terms or a Remez fit of tanh; errors are measured in tests/worldmodel/vector_math_test.cc.
#pragma once

#include <bit>
#include <cstdint>

// A clone of a kernel for each x86-64 level that matters, picked when the program is loaded.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define REVERIE_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define REVERIE_KERNEL
#endif
#define REVERIE_INLINE inline __attribute__((always_inline))

namespace reverie::kernels {

// e^x, relative error below 2e-7 in [-87, 88]; saturates outside, keeps NaN.
REVERIE_INLINE float exp(float x) {
  x = x > 88.0f ? 88.0f : x;
  x = x < -87.0f ? -87.0f : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, kept in the low bits
  const float shifted = x * 1.44269504088896341f + kRound;
  const float n = shifted - kRound;
  float r = x - n * 0.693359375f;  // ln 2 in two parts, the first exact in a product with n
  r = r - n * -2.12194440e-4f;
  float p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const uint32_t bits = (std::bit_cast<uint32_t>(shifted) + 127u) << 23;
  return p * std::bit_cast<float>(bits);
}

REVERIE_INLINE float sigmoid(float x) { return 1.0f / (1.0f + exp(-x)); }

// log(1 + x) for x in [0, 1], as 2 atanh(x / (2 + x)); relative error below 3e-7.
REVERIE_INLINE float log1p_unit(float x) {
  const float z = x / (2.0f + x);
  const float z2 = z * z;
  float p = 1.0f / 13.0f;
  p = p * z2 + 1.0f / 11.0f;
  p = p * z2 + 1.0f / 9.0f;
  p = p * z2 + 1.0f / 7.0f;
  p = p * z2 + 1.0f / 5.0f;
  p = p * z2 + 1.0f / 3.0f;
  p = p * z2 + 1.0f;
  return 2.0f * z * p;
}

// log x for x > 0 (denormals count as the smallest normal number); absolute error below 1e-7 + 1e-7 |log x|.
REVERIE_INLINE float log(float x) {
  x = x < 1.17549435e-38f ? 1.17549435e-38f : x;
  const int32_t bits = std::bit_cast<int32_t>(x);
  const int32_t exponent = (bits - 0x3f3504f3) >> 23;  // so that the mantissa lies in [sqrt 1/2, sqrt 2)
  const float m = std::bit_cast<float>(bits - (exponent << 23));
  const float z = (m - 1.0f) / (m + 1.0f);
  const float z2 = z * z;
  float p = 1.0f / 9.0f;
  p = p * z2 + 1.0f / 7.0f;
  p = p * z2 + 1.0f / 5.0f;
  p = p * z2 + 1.0f / 3.0f;
  p = p * z2 + 1.0f;
  return static_cast<float>(exponent) * 0.693147180559945f + 2.0f * z * p;
}

REVERIE_INLINE float magnitude(float x) { return x < 0.0f ? -x : x; }

// tanh, relative error below 5e-7; the Taylor series near 0, where 1 - e^-2|x| would cancel.
REVERIE_INLINE float tanh(float x) {
  const float e = exp(-2.0f * magnitude(x));
  const float far = (1.0f - e) / (1.0f + e);
  const float x2 = x * x;
  float p = -929569.0f / 638512875.0f;
  p = p * x2 + 21844.0f / 6081075.0f;
  p = p * x2 - 1382.0f / 155925.0f;
  p = p * x2 + 62.0f / 2835.0f;
  p = p * x2 - 17.0f / 315.0f;
  p = p * x2 + 2.0f / 15.0f;
  p = p * x2 - 1.0f / 3.0f;
  const float near = x + x * x2 * p;
  return x2 < 0.16f ? near : (x < 0.0f ? -far : far);
}

}  // namespace reverie::kernels
