// Loops of kernels.h: bias, LayerNorm, activation. Included after simd.inl.

// Rows whose statistics are taken together, so that one row's chain of dependent operations
// hides behind another's.
constexpr int64_t kBlock = 8;

struct RowNorm {
  float mean, rstd;
};

// Adds the bias to a row in place; returns its mean and 1 / sqrt(var + eps).
REVERIE_INLINE RowNorm bias_and_norm(int64_t d, float* x, const float* bias) {
  Vec sums{};
  for_lanes(d, [&] REVERIE_EACH {
    const Vec v = load(x + i, n) + load(bias + i, n);
    store(x + i, v, n);
    sums += v;
  });
  const float mean = sum_lanes(sums) / static_cast<float>(d);
  Vec squares{};
  for_lanes(d, [&] REVERIE_EACH {
    const Vec centred = keep(load(x + i, n) - mean, n);
    squares += centred * centred;
  });
  return {mean, 1.0f / __builtin_sqrtf(sum_lanes(squares) / static_cast<float>(d) + kNormEpsilon)};
}

// bias_and_norm of up to kBlock rows; keeps the reciprocal roots when wanted.
REVERIE_INLINE void block_norms(int64_t rows, int64_t d, float* x, const float* bias, RowNorm* norms,
                                float* rstd) {
  for (int64_t r = 0; r < rows; ++r) norms[r] = bias_and_norm(d, x + r * d, bias);
  if (rstd == nullptr) return;
  for (int64_t r = 0; r < rows; ++r) rstd[r] = norms[r].rstd;
}

// dx holds dL/d(affine output) of up to kBlock rows on entry; on return the gradient before the norm.
REVERIE_INLINE void norm_backward_block(int64_t rows, int64_t d, const float* normalised, const float* rstd,
                                        const NormParameters& p, float* dx, const NormGradients& sums) {
  const bool wanted = sums.bias != nullptr;
  float means[kBlock], projections[kBlock];
  for (int64_t r = 0; r < rows; ++r) {
    float* row = dx + r * d;
    Vec totals{};
    Vec dots{};
    for_lanes(d, [&] REVERIE_EACH {
      const Vec g = load(row + i, n);
      const Vec hat = load(normalised + r * d + i, n);
      if (wanted) {
        store(sums.gamma + i, load(sums.gamma + i, n) + g * hat, n);
        store(sums.beta + i, load(sums.beta + i, n) + g, n);
      }
      const Vec scaled = g * load(p.gamma + i, n);
      store(row + i, scaled, n);
      totals += scaled;
      dots += scaled * hat;
    });
    means[r] = rstd[r] * sum_lanes(totals) / static_cast<float>(d);
    projections[r] = rstd[r] * sum_lanes(dots) / static_cast<float>(d);
  }
  for (int64_t r = 0; r < rows; ++r) {
    float* row = dx + r * d;
    for_lanes(d, [&] REVERIE_EACH {
      const Vec hat = load(normalised + r * d + i, n);
      const Vec g = load(row + i, n) * rstd[r] - means[r] - hat * projections[r];
      store(row + i, g, n);
      if (wanted) store(sums.bias + i, load(sums.bias + i, n) + g, n);
    });
  }
}

REVERIE_INLINE void softmax_groups(int64_t n, int64_t group, const float* x, float* y) {
  if (REVERIE_LANES >= 8 && group == 8) {
    for_lanes(n, [&] REVERIE_EACH {
      const Vec v = load(x + i, n);
      const Vec e = exp(v - max_eights(v));
      store(y + i, e / sum_eights(e), n);
    });
    return;
  }
  for (int64_t first = 0; first < n; first += group) {
    const float* in = x + first;
    float* out = y + first;
    float top = in[0];
    for (int64_t i = 1; i < group; ++i) top = in[i] > top ? in[i] : top;
    Vec sums{};
    for_lanes(group, [&] REVERIE_EACH {
      const Vec e = keep(exp(load(in + i, n) - top), n);
      store(out + i, e, n);
      sums += e;
    });
    const float scale = 1.0f / sum_lanes(sums);
    for (int64_t i = 0; i < group; ++i) out[i] *= scale;
  }
}

REVERIE_INLINE void softmax_groups_backward(int64_t n, int64_t group, const float* y, const float* dy,
                                            float* dx) {
  if (REVERIE_LANES >= 8 && group == 8) {
    for_lanes(n, [&] REVERIE_EACH {
      const Vec p = load(y + i, n);
      const Vec g = load(dy + i, n);
      store(dx + i, p * (g - sum_eights(p * g)), n);
    });
    return;
  }
  for (int64_t first = 0; first < n; first += group) {
    float dot = 0.0f;
    for (int64_t i = first; i < first + group; ++i) dot += y[i] * dy[i];
    for (int64_t i = first; i < first + group; ++i) dx[i] = y[i] * (dy[i] - dot);
  }
}

REVERIE_INLINE int64_t block_rows(int64_t first, int64_t rows) {
  return rows - first < kBlock ? rows - first : kBlock;
}

void norm_silu_forward(int64_t rows, int64_t d, float* x, NormParameters p, float* rstd, float* y) {
  RowNorm norms[kBlock];
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t block = block_rows(first, rows);
    block_norms(block, d, x + first * d, p.bias, norms, rstd == nullptr ? nullptr : rstd + first);
    for (int64_t r = 0; r < block; ++r) {
      float* row = x + (first + r) * d;
      float* out = y + (first + r) * d;
      for_lanes(d, [&] REVERIE_EACH {
        const Vec hat = (load(row + i, n) - norms[r].mean) * norms[r].rstd;
        store(row + i, hat, n);
        const Vec z = hat * load(p.gamma + i, n) + load(p.beta + i, n);
        store(out + i, z / (1.0f + exp(-z)), n);
      });
    }
  }
}

void norm_silu_backward(int64_t rows, int64_t d, const float* normalised, const float* rstd, NormParameters p,
                        const float* dy, float* dx, NormGradients sums) {
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t block = block_rows(first, rows);
    for (int64_t r = first; r < first + block; ++r) {
      for_lanes(d, [&] REVERIE_EACH {
        const Vec z = load(normalised + r * d + i, n) * load(p.gamma + i, n) + load(p.beta + i, n);
        const Vec s = sigmoid(z);
        store(dx + r * d + i, load(dy + r * d + i, n) * s * (1.0f + z * (1.0f - s)), n);
      });
    }
    norm_backward_block(block, d, normalised + first * d, rstd + first, p, dx + first * d, sums);
  }
}

void norm_simnorm_forward(int64_t rows, int64_t d, int64_t group, float* x, NormParameters p, float* rstd,
                          float* y) {
  RowNorm norms[kBlock];
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t block = block_rows(first, rows);
    block_norms(block, d, x + first * d, p.bias, norms, rstd == nullptr ? nullptr : rstd + first);
    for (int64_t r = 0; r < block; ++r) {
      float* row = x + (first + r) * d;
      float* out = y + (first + r) * d;
      for_lanes(d, [&] REVERIE_EACH {
        const Vec hat = (load(row + i, n) - norms[r].mean) * norms[r].rstd;
        store(row + i, hat, n);
        store(out + i, hat * load(p.gamma + i, n) + load(p.beta + i, n), n);
      });
    }
    softmax_groups(block * d, group, y + first * d, y + first * d);
  }
}

void norm_simnorm_backward(int64_t rows, int64_t d, int64_t group, const float* normalised, const float* rstd,
                           NormParameters p, const float* y, const float* dy, float* dx, NormGradients sums) {
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t block = block_rows(first, rows);
    const int64_t at = first * d;
    softmax_groups_backward(block * d, group, y + at, dy + at, dx + at);
    norm_backward_block(block, d, normalised + at, rstd + first, p, dx + at, sums);
  }
}

void simnorm_forward(int64_t n, int64_t group, const float* x, float* y) { softmax_groups(n, group, x, y); }

void simnorm_backward(int64_t n, int64_t group, const float* y, const float* dy, float* dx) {
  softmax_groups_backward(n, group, y, dy, dx);
}

void add_bias(int64_t rows, int64_t d, const float* bias, float* x) {
  for (int64_t r = 0; r < rows; ++r) {
    for_lanes(d, [&] REVERIE_EACH {
      const int64_t at = r * d + i;
      store(x + at, load(x + at, n) + load(bias + i, n), n);
    });
  }
}

void add_column_sums(int64_t rows, int64_t d, const float* x, float* sums) {
  for (int64_t r = 0; r < rows; ++r) {
    for_lanes(d, [&] REVERIE_EACH { store(sums + i, load(sums + i, n) + load(x + r * d + i, n), n); });
  }
}
