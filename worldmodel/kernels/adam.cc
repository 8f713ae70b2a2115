#include "worldmodel/kernels/adam.h"

#include <cmath>

#include "worldmodel/kernels/vector_math.h"

namespace reverie::kernels {

REVERIE_KERNEL
float sum_of_squares(int64_t n, const float* x) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
  return sum;
}

REVERIE_KERNEL
void adam_step(int64_t n, const AdamFactors& f, const float* __restrict gradient, float* __restrict m,
               float* __restrict v, float* __restrict value) {
  const AdamFactors c = f;
  const float keep1 = 1.0f - c.beta1;
  const float keep2 = 1.0f - c.beta2;
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const float g = c.scale * gradient[i];
    m[i] = c.beta1 * m[i] + keep1 * g;
    v[i] = c.beta2 * v[i] + keep2 * g * g;
    value[i] -= c.rate * m[i] / (std::sqrt(v[i]) * c.root_scale + c.epsilon);
  }
}

REVERIE_KERNEL
void lerp(int64_t n, float rate, const float* __restrict source, float* __restrict target) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) target[i] += rate * (source[i] - target[i]);
}

}  // namespace reverie::kernels
