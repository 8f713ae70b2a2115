// Loops of kernels.h: means and errors over the members of an ensemble. Included after simd.inl.

void scaled(int64_t count, float scale, const float* x, float* y) {
  for_lanes(count, [&] REVERIE_EACH { store(y + i, load(x + i, n) * scale, n); });
}

void mean_of_members(int64_t members, int64_t count, const float* x, float* y) {
  const float scale = 1.0f / static_cast<float>(members);
  for_lanes(count, [&] REVERIE_EACH {
    Vec sum = load(x + i, n);
    for (int64_t e = 1; e < members; ++e) sum += load(x + e * count + i, n);
    store(y + i, sum * scale, n);
  });
}

void squared_error_forward(int64_t members, int64_t stride, int64_t rows, int64_t d, const float* heads,
                           const float* target, float* error) {
  const float scale = 1.0f / static_cast<float>(members * d);
  for (int64_t r = 0; r < rows; ++r) {
    Vec sum{};
    for (int64_t e = 0; e < members; ++e) {
      const float* head = heads + e * stride + r * d;
      for_lanes(d, [&] REVERIE_EACH {
        const Vec difference = load(head + i, n) - load(target + r * d + i, n);
        sum += difference * difference;
      });
    }
    error[r] = sum_lanes(sum) * scale;
  }
}

void squared_error_backward(int64_t members, int64_t stride, int64_t rows, int64_t d, const float* heads,
                            const float* target, const float* derror, float* dheads) {
  const float scale = 2.0f / static_cast<float>(members * d);
  for (int64_t e = 0; e < members; ++e) {
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t at = e * stride + r * d;
      for_lanes(d, [&] REVERIE_EACH {
        store(dheads + at + i, (load(heads + at + i, n) - load(target + r * d + i, n)) * (scale * derror[r]),
              n);
      });
    }
  }
}
