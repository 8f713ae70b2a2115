// Loops of kernels.h: two-hot distribution and squashed Gaussian. Included after simd.inl.

constexpr float kStdRange = 0.9f;
constexpr float kStdShift = 2.0f;
constexpr float kLog2 = 0.693147180559945f;
constexpr float kHalfLogTwoPi = 0.918938533204673f;

REVERIE_INLINE float spacing(const Bins& bins) {
  return (bins.high - bins.low) / static_cast<float>(bins.count - 1);
}

// Where a target lies: weight 1 - fraction on bin `lower`, fraction on the next.
struct TwoHot {
  int64_t lower;
  float fraction;
};

constexpr int64_t kRows = 32;  // worked on together: what is one number a row is computed for many at once

// The values of all bins, symexp of evenly spaced numbers.
REVERIE_INLINE void values_of(const Bins& bins, float* values) {
  for_lanes(bins.count, [&] REVERIE_EACH {
    const Vec at =
        bins.low + spacing(bins) * __builtin_convertvector(lane_numbers() + static_cast<int32_t>(i), Vec);
    store(values + i, with_sign(expm1_positive(magnitude(at)), at), n);
  });
}

// Positions, in bins, of up to kRows symlog'ed and clamped targets: which two bins a target lies between.
REVERIE_INLINE void positions_of(int64_t rows, const Bins& bins, const float* target, float* position) {
  const float per_unit = 1.0f / spacing(bins);
  for_lanes(rows, [&] REVERIE_EACH {
    const Vec raw = load(target + i, n);
    Vec v = with_sign(log(1.0f + magnitude(raw)), raw);
    v = minimum(all(bins.high), maximum(all(bins.low), v));
    store(position + i, (v - bins.low) * per_unit, n);
  });
}

// The weights are linear in the value, not in its logarithm: their mean is the target.
REVERIE_INLINE TwoHot two_hot(float position, float target, const Bins& bins, const float* values) {
  // The comparison sends NaN to bin 0; its fraction stays NaN and so does the loss.
  int64_t lower = position > 0.0f ? static_cast<int64_t>(position) : 0;
  if (lower > bins.count - 2) lower = bins.count - 2;
  float fraction = (target - values[lower]) / (values[lower + 1] - values[lower]);
  if (fraction < 0.0f) fraction = 0.0f;
  if (fraction > 1.0f) fraction = 1.0f;
  return {lower, fraction};
}

// Of up to kRows rows: p <- e^(x - top); the softmax is that over the row's sum.
REVERIE_INLINE void unscaled_softmax(int64_t rows, int64_t k, const float* x, float* p, float* tops,
                                     float* sums) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = x + r * k;
    Vec top = all(row[0]);
    for_lanes(k, [&] REVERIE_EACH { top = maximum(load(row + i, n, row[0]), top); });
    tops[r] = max_lanes(top);
  }
  for (int64_t r = 0; r < rows; ++r) {
    Vec sum{};
    for_lanes(k, [&] REVERIE_EACH {
      const Vec e = keep(exp(load(x + r * k + i, n) - tops[r]), n);
      store(p + r * k + i, e, n);
      sum += e;
    });
    sums[r] = sum_lanes(sum);
  }
}

void two_hot_loss_forward(int64_t rows, const Bins& bins, const float* logits, const float* target, float* p,
                          float* loss) {
  const int64_t k = bins.count;
  float tops[kRows], sums[kRows], positions[kRows], normalisers[kRows], values[kMaxBins];
  values_of(bins, values);
  for (int64_t first = 0; first < rows; first += kRows) {
    const int64_t block = rows - first < kRows ? rows - first : kRows;
    unscaled_softmax(block, k, logits + first * k, p + first * k, tops, sums);
    positions_of(block, bins, target + first, positions);
    for_lanes(block, [&] REVERIE_EACH {
      const Vec sum = load(sums + i, n, 1.0f);
      store(normalisers + i, load(tops + i, n) + log(sum), n);
      store(sums + i, 1.0f / sum, n);
    });
    for (int64_t r = 0; r < block; ++r) {
      float* row = p + (first + r) * k;
      for_lanes(k, [&] REVERIE_EACH { store(row + i, load(row + i, n) * sums[r], n); });
      const float* in = logits + (first + r) * k;
      const TwoHot t = two_hot(positions[r], target[first + r], bins, values);
      loss[first + r] = normalisers[r] - ((1.0f - t.fraction) * in[t.lower] + t.fraction * in[t.lower + 1]);
    }
  }
}

void two_hot_loss_backward(int64_t rows, const Bins& bins, const float* p, const float* target,
                           const float* dloss, float* dlogits) {
  const int64_t k = bins.count;
  float positions[kRows], values[kMaxBins];
  values_of(bins, values);
  for (int64_t first = 0; first < rows; first += kRows) {
    const int64_t block = rows - first < kRows ? rows - first : kRows;
    positions_of(block, bins, target + first, positions);
    for (int64_t r = first; r < first + block; ++r) {
      float* out = dlogits + r * k;
      const float scale = dloss[r];
      for_lanes(k, [&] REVERIE_EACH { store(out + i, load(p + r * k + i, n) * scale, n); });
      const TwoHot t = two_hot(positions[r - first], target[r], bins, values);
      out[t.lower] -= scale * (1.0f - t.fraction);
      out[t.lower + 1] -= scale * t.fraction;
    }
  }
}

void two_hot_value_forward(int64_t rows, const Bins& bins, const float* logits, float* p, float* value) {
  const int64_t k = bins.count;
  float tops[kRows], sums[kRows], values[kMaxBins];
  values_of(bins, values);
  for (int64_t first = 0; first < rows; first += kRows) {
    const int64_t block = rows - first < kRows ? rows - first : kRows;
    unscaled_softmax(block, k, logits + first * k, p + first * k, tops, sums);
    for_lanes(block, [&] REVERIE_EACH { store(sums + i, 1.0f / load(sums + i, n, 1.0f), n); });
    for (int64_t r = 0; r < block; ++r) {
      float* row = p + (first + r) * k;
      Vec total{};
      for_lanes(k, [&] REVERIE_EACH {
        const Vec v = load(row + i, n) * sums[r];
        store(row + i, v, n);
        total += v * load(values + i, n);
      });
      value[first + r] = sum_lanes(total);
    }
  }
}

void two_hot_value_backward(int64_t rows, const Bins& bins, const float* p, const float* value,
                            const float* dvalue, float* dlogits) {
  const int64_t k = bins.count;
  float values[kMaxBins];
  values_of(bins, values);
  for (int64_t r = 0; r < rows; ++r) {
    for_lanes(k, [&] REVERIE_EACH {
      const Vec distance = load(values + i, n) - value[r];
      store(dlogits + r * k + i, load(p + r * k + i, n) * distance * dvalue[r], n);
    });
  }
}

// log(1 - tanh(u)^2) = 2 (log 2 - |u| - log(1 + e^-2|u|)): no cancellation for large |u|.
REVERIE_INLINE Vec log_squash_slope(Vec u) {
  const Vec size = magnitude(u);
  return 2.0f * (kLog2 - size - log1p_unit(exp(-2.0f * size)));
}

// Rows of actions are short: the policy works on tiles of many rows, gathered from and
// scattered to (mean, s) rows.
constexpr int64_t kTile = 256;
struct Place {  // of entry `index` of [rows, A]
  int64_t row, column, actions;
  REVERIE_INLINE Place(int64_t index, int64_t columns)
      : row(index / columns), column(index % columns), actions(columns) {}
  REVERIE_INLINE void next() {
    if (++column == actions) {
      column = 0;
      ++row;
    }
  }
  REVERIE_INLINE int64_t mean() const { return row * 2 * actions + column; }
  REVERIE_INLINE int64_t raw() const { return mean() + actions; }
};

void tanh_gaussian_forward(int64_t rows, int64_t actions, float std_floor, const float* head,
                           const float* noise, float* action, float* log_prob) {
  float means[kTile], raws[kTile], terms[kTile];
  for (int64_t first = 0; first < rows * actions; first += kTile) {
    const int64_t n = rows * actions - first < kTile ? rows * actions - first : kTile;
    Place from(first, actions);
    for (int64_t i = 0; i < n; ++i, from.next()) {
      means[i] = head[from.mean()];
      raws[i] = head[from.raw()];
    }
    for_lanes(n, [&] REVERIE_EACH {
      const Vec e = load(noise + first + i, n);
      const Vec std = kStdRange * sigmoid(load(raws + i, n) + kStdShift) + std_floor;
      const Vec u = load(means + i, n) + std * e;
      store(action + first + i, tanh(u), n);
      store(terms + i, 0.5f * e * e + kHalfLogTwoPi + log_squash_slope(u) + log(std), n);
    });
    Place to(first, actions);
    for (int64_t i = 0; i < n; ++i, to.next()) {
      log_prob[to.row] = (to.column == 0 ? 0.0f : log_prob[to.row]) - terms[i];
    }
  }
}

void tanh_gaussian_backward(int64_t rows, int64_t actions, float std_floor, const float* head,
                            const float* noise, const float* action, const float* daction,
                            const float* dlog_prob, float* dhead) {
  float raws[kTile], dlogs[kTile], dmeans[kTile], draws[kTile];
  for (int64_t first = 0; first < rows * actions; first += kTile) {
    const int64_t n = rows * actions - first < kTile ? rows * actions - first : kTile;
    Place from(first, actions);
    for (int64_t i = 0; i < n; ++i, from.next()) {
      raws[i] = head[from.raw()];
      dlogs[i] = dlog_prob == nullptr ? 0.0f : dlog_prob[from.row];
    }
    for_lanes(n, [&] REVERIE_EACH {
      const Vec s = sigmoid(load(raws + i, n) + kStdShift);
      const Vec std = kStdRange * s + std_floor;
      const Vec a = load(action + first + i, n);
      const Vec dlog = load(dlogs + i, n);
      // d log_prob / du = 2 tanh(u): only the squash depends on u once the noise is fixed.
      Vec du = 2.0f * a * dlog;
      if (daction != nullptr) du += load(daction + first + i, n) * (1.0f - a * a);
      store(dmeans + i, du, n);
      const Vec dstd = du * load(noise + first + i, n) - dlog / std;
      store(draws + i, dstd * kStdRange * s * (1.0f - s), n);
    });
    Place to(first, actions);
    for (int64_t i = 0; i < n; ++i, to.next()) {
      dhead[to.mean()] = dmeans[i];
      dhead[to.raw()] = draws[i];
    }
  }
}
