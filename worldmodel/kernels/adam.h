// Raw loops of the flat optimiser on float vectors.
#pragma once

#include <cstdint>

namespace reverie::kernels {

float sum_of_squares(int64_t n, const float* x);

// One Adam step. rate: learning rate over the first moment's bias correction; scale: of the gradient
// (clipping); root_scale: 1 / sqrt of the second moment's bias correction.
struct AdamFactors {
  float rate, scale, beta1, beta2, root_scale, epsilon;
};
void adam_step(int64_t n, const AdamFactors& f, const float* gradient, float* m, float* v, float* value);

// target += rate (source - target).
void lerp(int64_t n, float rate, const float* source, float* target);

}  // namespace reverie::kernels
