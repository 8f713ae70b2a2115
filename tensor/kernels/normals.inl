// Loops of kernels.h: normal numbers from Philox blocks. Included after simd.inl.

using WideBits = uint64_t __attribute__((vector_size(8 * REVERIE_LANES)));

struct WideProduct {
  Bits high, low;
};
REVERIE_INLINE WideProduct wide_product(Bits a, uint32_t b) {
  const WideBits p = __builtin_convertvector(a, WideBits) * b;
  return {__builtin_convertvector(p >> 32, Bits), a * b};
}

// Philox-4x32-10 of contract/rng.h on kLanes counters at once.
REVERIE_INLINE void philox(Bits (&c)[4], uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const WideProduct p0 = wide_product(c[0], 0xD2511F53u);
    const WideProduct p1 = wide_product(c[2], 0xCD9E8D57u);
    c[0] = p1.high ^ c[1] ^ key0;
    c[1] = p1.low;
    c[2] = p0.high ^ c[3] ^ key1;
    c[3] = p0.low;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

// The normal number whose distribution function is (word / 2^9 + 1/2) / 2^23: sqrt 2 times the inverse error
// function by polynomials in -log(1 - x^2) (Giles 2012).
REVERIE_INLINE Vec normal_of(Bits word) {
  const SignedBits odd = std::bit_cast<SignedBits>((word >> 9) * 2u + 1u);  // below 2^24: exact as a float
  const Vec x = __builtin_convertvector(odd, Vec) * 0x1.0p-23f - 1.0f;
  const Vec w = -log((1.0f - x) * (1.0f + x));
  const Vec near = w - 2.5f;
  Vec p = near * 2.81022636e-08f + 3.43273939e-07f;
  p = p * near - 3.5233877e-06f;
  p = p * near - 4.39150654e-06f;
  p = p * near + 0.00021858087f;
  p = p * near - 0.00125372503f;
  p = p * near - 0.00417768164f;
  p = p * near + 0.246640727f;
  p = p * near + 1.50140941f;
  const Vec far = exp(0.5f * log(w)) - 3.0f;  // a square root
  Vec q = far * -0.000200214257f + 0.000100950558f;
  q = q * far + 0.00134934322f;
  q = q * far - 0.00367342844f;
  q = q * far + 0.00573950773f;
  q = q * far - 0.0076224613f;
  q = q * far + 0.00943887047f;
  q = q * far + 1.00167406f;
  q = q * far + 2.83297682f;
  return 1.41421356237309505f * (w < 5.0f ? p : q) * x;
}

void normals(int64_t count, const uint32_t* counter, const uint32_t* key, float* out) {
  float words[4][kLanes];
  for (int64_t first = 0; first < count; first += 4 * kLanes) {
    Bits c[4] = {std::bit_cast<Bits>(lane_numbers()) + (counter[0] + static_cast<uint32_t>(first / 4)),
                 Bits{} + counter[1], Bits{} + counter[2], Bits{} + counter[3]};
    philox(c, key[0], key[1]);
    for (int i = 0; i < 4; ++i) store(words[i], normal_of(c[i]), kLanes);
    const int64_t n = count - first < 4 * kLanes ? count - first : 4 * kLanes;
    for (int64_t i = 0; i < n; ++i) out[first + i] = words[i % 4][i / 4];
  }
}
