// Loops of kernels.h: the flat optimiser. Included after simd.inl.

float sum_of_squares(int64_t n, const float* x) {
  Vec sums{};
  for_lanes(n, [&] REVERIE_EACH {
    const Vec v = load(x + i, n);
    sums += v * v;
  });
  return sum_lanes(sums);
}

void adam_step(int64_t n, const AdamFactors& f, const float* __restrict gradient, float* __restrict m,
               float* __restrict v, float* __restrict value) {
  const AdamFactors c = f;
  for (int64_t i = 0; i < n; ++i) {
    const float g = c.scale * gradient[i];
    m[i] = c.beta1 * m[i] + (1.0f - c.beta1) * g;
    v[i] = c.beta2 * v[i] + (1.0f - c.beta2) * g * g;
    value[i] -= c.rate * m[i] / (__builtin_sqrtf(v[i]) * c.root_scale + c.epsilon);
  }
}

void lerp(int64_t n, float rate, const float* source, float* target) {
  for_lanes(n, [&] REVERIE_EACH {
    const Vec v = load(target + i, n);
    store(target + i, v + rate * (load(source + i, n) - v), n);
  });
}
