// One vector type as wide as the instruction set at hand, and elementary functions on it. Included once for
// each instruction set, inside a namespace of its own, with REVERIE_LANES floats a vector; no include guard.
// Error bounds: tests/tensor/kernels_test.cc.

#define REVERIE_INLINE inline __attribute__((always_inline))

constexpr int64_t kLanes = REVERIE_LANES;
using Vec = float __attribute__((vector_size(4 * REVERIE_LANES)));
using Bits = uint32_t __attribute__((vector_size(4 * REVERIE_LANES)));
using SignedBits = int32_t __attribute__((vector_size(4 * REVERIE_LANES)));

REVERIE_INLINE Vec all(float x) { return Vec{} + x; }

// The lanes' numbers.
REVERIE_INLINE SignedBits lane_numbers() {
#if REVERIE_LANES == 16
  return SignedBits{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif REVERIE_LANES == 8
  return SignedBits{0, 1, 2, 3, 4, 5, 6, 7};
#else
  return SignedBits{0, 1, 2, 3};
#endif
}

// v in the first n lanes, `fill` in the others.
REVERIE_INLINE Vec keep(Vec v, int64_t n, float fill = 0.0f) {
  return n == kLanes ? v : lane_numbers() < static_cast<int32_t>(n) ? v : all(fill);
}

// The n <= kLanes entries at p; lanes beyond n hold `fill`.
REVERIE_INLINE Vec load(const float* p, int64_t n, float fill = 0.0f) {
  Vec v{};
  if (n == kLanes) {
    __builtin_memcpy(&v, p, sizeof(v));
    return v;
  }
#if REVERIE_LANES == 16
  v = std::bit_cast<Vec>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p));
#elif REVERIE_LANES == 8
  v = std::bit_cast<Vec>(
      _mm256_maskload_ps(p, std::bit_cast<__m256i>(lane_numbers() < static_cast<int32_t>(n))));
#else
  for (int64_t i = 0; i < n; ++i) v[i] = p[i];
#endif
  return keep(v, n, fill);
}

REVERIE_INLINE void store(float* p, Vec v, int64_t n) {
  if (n == kLanes) {
    __builtin_memcpy(p, &v, sizeof(v));
    return;
  }
#if REVERIE_LANES == 16
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1u), std::bit_cast<__m512>(v));
#elif REVERIE_LANES == 8
  _mm256_maskstore_ps(p, std::bit_cast<__m256i>(lane_numbers() < static_cast<int32_t>(n)),
                      std::bit_cast<__m256>(v));
#else
  for (int64_t i = 0; i < n; ++i) p[i] = v[i];
#endif
}

// Calls f(i, n) for every run of n <= kLanes entries from i that make up [0, count): whole ones first, so
// that in them the compiler knows n.
#define REVERIE_EACH (int64_t i, int64_t n) __attribute__((always_inline))
template <class F>
REVERIE_INLINE void for_lanes(int64_t count, const F& f) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) f(i, kLanes);
  if (i < count) f(i, count - i);
}

// a > b ? a : b and a < b ? a : b, so b when either is NaN. Written out because the compiler does not find
// the instruction behind a comparison and a selection by mask.
REVERIE_INLINE Vec maximum(Vec a, Vec b) {
#if REVERIE_LANES == 16
  return std::bit_cast<Vec>(_mm512_maskz_max_ps(0xffff, std::bit_cast<__m512>(a), std::bit_cast<__m512>(b)));
#else
  return a > b ? a : b;
#endif
}
REVERIE_INLINE Vec minimum(Vec a, Vec b) {
#if REVERIE_LANES == 16
  return std::bit_cast<Vec>(_mm512_maskz_min_ps(0xffff, std::bit_cast<__m512>(a), std::bit_cast<__m512>(b)));
#else
  return a < b ? a : b;
#endif
}
REVERIE_INLINE Vec magnitude(Vec x) { return std::bit_cast<Vec>(std::bit_cast<Bits>(x) & 0x7fffffffu); }
// magnitude >= 0 with the sign of x.
REVERIE_INLINE Vec with_sign(Vec magnitude, Vec x) {
  return std::bit_cast<Vec>(std::bit_cast<Bits>(magnitude) | (std::bit_cast<Bits>(x) & 0x80000000u));
}

// Lanes i and i xor 1, 2, 4, 8 change places.
#if REVERIE_LANES == 16
#define REVERIE_SWAP1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#define REVERIE_SWAP2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define REVERIE_SWAP4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
#define REVERIE_SWAP8(v) __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#elif REVERIE_LANES == 8
#define REVERIE_SWAP1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#define REVERIE_SWAP2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5)
#define REVERIE_SWAP4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3)
#else
#define REVERIE_SWAP1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2)
#define REVERIE_SWAP2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1)
#endif

// Sum and maximum within each run of 8 lanes (4 where there are only 4), in every lane of it.
REVERIE_INLINE Vec sum_eights(Vec v) {
#if REVERIE_LANES >= 8
  v += REVERIE_SWAP4(v);
#endif
  v += REVERIE_SWAP2(v);
  v += REVERIE_SWAP1(v);
  return v;
}
REVERIE_INLINE Vec max_eights(Vec v) {
#if REVERIE_LANES >= 8
  v = maximum(v, REVERIE_SWAP4(v));
#endif
  v = maximum(v, REVERIE_SWAP2(v));
  v = maximum(v, REVERIE_SWAP1(v));
  return v;
}
REVERIE_INLINE float sum_lanes(Vec v) {
#if REVERIE_LANES == 16
  v += REVERIE_SWAP8(v);
#endif
  return sum_eights(v)[0];
}
REVERIE_INLINE float max_lanes(Vec v) {
#if REVERIE_LANES == 16
  v = maximum(v, REVERIE_SWAP8(v));
#endif
  return max_eights(v)[0];
}

// e^x, relative error below 2e-7 in [-87, 88]; saturates outside, keeps NaN.
REVERIE_INLINE Vec exp(Vec x) {
  x = maximum(all(-87.0f), minimum(all(88.0f), x));
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, kept in the low bits
  const Vec shifted = x * 1.44269504088896341f + kRound;
  const Vec n = shifted - kRound;
  Vec r = x - n * 0.693359375f;  // ln 2 in two parts, the first exact in a product with n
  r = r - n * -2.12194440e-4f;
  Vec p = r * (1.0f / 5040.0f) + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return p * std::bit_cast<Vec>((std::bit_cast<Bits>(shifted) + 127u) << 23);
}

REVERIE_INLINE Vec sigmoid(Vec x) { return 1.0f / (1.0f + exp(-x)); }

// e^x - 1 for x >= 0, relative error below 1e-6; the Taylor series near 0, where the difference would cancel.
REVERIE_INLINE Vec expm1_positive(Vec x) {
  Vec p = x * (1.0f / 5040.0f) + 1.0f / 720.0f;
  p = p * x + 1.0f / 120.0f;
  p = p * x + 1.0f / 24.0f;
  p = p * x + 1.0f / 6.0f;
  p = p * x + 0.5f;
  p = p * x + 1.0f;
  return x < 0.4f ? p * x : exp(x) - 1.0f;
}

// log(1 + x) for x in [0, 1], as 2 atanh(x / (2 + x)); relative error below 4e-7.
REVERIE_INLINE Vec log1p_unit(Vec x) {
  const Vec z = x / (2.0f + x);
  const Vec z2 = z * z;
  Vec p = z2 * (1.0f / 13.0f) + 1.0f / 11.0f;
  p = p * z2 + 1.0f / 9.0f;
  p = p * z2 + 1.0f / 7.0f;
  p = p * z2 + 1.0f / 5.0f;
  p = p * z2 + 1.0f / 3.0f;
  p = p * z2 + 1.0f;
  return 2.0f * z * p;
}

// log x for finite x > 0 (denormals count as the smallest normal number), error below
// 2e-7 (1 + |log x|); keeps NaN.
REVERIE_INLINE Vec log(Vec x) {
  x = maximum(all(1.17549435e-38f), x);
  const SignedBits bits = std::bit_cast<SignedBits>(x);
  const SignedBits exponent = (bits - 0x3f3504f3) >> 23;  // so that the mantissa lies in [sqrt 1/2, sqrt 2)
  const Vec m = std::bit_cast<Vec>(bits - (exponent << 23));
  const Vec z = (m - 1.0f) / (m + 1.0f);
  const Vec z2 = z * z;
  Vec p = z2 * (1.0f / 9.0f) + 1.0f / 7.0f;
  p = p * z2 + 1.0f / 5.0f;
  p = p * z2 + 1.0f / 3.0f;
  p = p * z2 + 1.0f;
  const Vec result = __builtin_convertvector(exponent, Vec) * 0.693147180559945f + 2.0f * z * p;
  return x == x ? result : x;
}

// tanh, relative error below 5e-7; the Taylor series near 0, where 1 - e^-2|x| would cancel.
REVERIE_INLINE Vec tanh(Vec x) {
  const Vec e = exp(-2.0f * magnitude(x));
  const Vec far = (1.0f - e) / (1.0f + e);
  const Vec x2 = x * x;
  Vec p = x2 * (-929569.0f / 638512875.0f) + 21844.0f / 6081075.0f;
  p = p * x2 - 1382.0f / 155925.0f;
  p = p * x2 + 62.0f / 2835.0f;
  p = p * x2 - 17.0f / 315.0f;
  p = p * x2 + 2.0f / 15.0f;
  p = p * x2 - 1.0f / 3.0f;
  const Vec near = x + x * x2 * p;
  return x2 < 0.16f ? near : with_sign(far, x);
}

struct SineCosine {
  Vec sine, cosine;
};
// Error below 1e-7 for |x| < 1000, growing with |x|; within [-1, 1] for any finite x, NaN otherwise.
REVERIE_INLINE SineCosine sine_cosine(Vec x) {
  constexpr float kRound =
      12582912.0f;  // as in exp: the nearest multiple of pi/2, its number in the low bits
  const Vec shifted = x * 0.636619772367581f + kRound;
  const Vec n = shifted - kRound;
  Vec r = x - n * 1.5703125f;  // pi/2 in three parts, the first two exact in a product with a small n
  r = r - n * 4.837512969970703e-4f;
  r = r - n * 7.549789954891882e-8f;
  r = maximum(all(-0.8f), minimum(all(0.8f), r));
  const Vec r2 = r * r;
  Vec p = r2 * -1.9515295891e-4f + 8.3321608736e-3f;
  p = p * r2 - 1.6666654611e-1f;
  const Vec sine = r + r * r2 * p;
  Vec q = r2 * 2.443315711809948e-5f - 1.388731625493765e-3f;
  q = q * r2 + 4.166664568298827e-2f;
  const Vec cosine = 1.0f - 0.5f * r2 + r2 * r2 * q;
  const Bits quarter = std::bit_cast<Bits>(shifted);
  const Vec first = (quarter & 1u) != 0u ? cosine : sine;
  const Vec second = (quarter & 1u) != 0u ? sine : cosine;
  return {std::bit_cast<Vec>(std::bit_cast<Bits>(first) ^ ((quarter & 2u) << 30)),
          std::bit_cast<Vec>(std::bit_cast<Bits>(second) ^ (((quarter + 1u) & 2u) << 30))};
}
