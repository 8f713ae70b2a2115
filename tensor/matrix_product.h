// Thin float32 matrix products of row-major buffers.
// They call BLAS without ATen's dispatch, which costs more than a small product does. Internal to tensor/.
#pragma once

#include <cstdint>

namespace reverie::tensor {

// c [m, n] = a [m, k] b [n, k]ᵀ (+ c when accumulate).
void product_nt(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c,
                bool accumulate = false);
// c [m, n] = a [m, k] b [k, n] (+ c).
void product_nn(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c,
                bool accumulate = false);
// c [m, n] = a [k, m]ᵀ b [k, n] (+ c).
void product_tn(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c,
                bool accumulate = false);

}  // namespace reverie::tensor
