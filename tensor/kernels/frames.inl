// Vectors, rotations and frames of a robot's bodies for loops of kernels.h. Included after simd.inl.
// A lane is a row. Numbers that lanes work on lie number by number, kLanes apart.

struct Vec3 {
  Vec x, y, z;
};
REVERIE_INLINE Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
REVERIE_INLINE Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
REVERIE_INLINE Vec3 operator*(Vec3 a, Vec b) { return {a.x * b, a.y * b, a.z * b}; }
REVERIE_INLINE Vec3& operator+=(Vec3& a, Vec3 b) { return a = a + b; }
REVERIE_INLINE Vec dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
REVERIE_INLINE Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
REVERIE_INLINE Vec3 all3(const std::array<double, 3>& a) {
  return {all(static_cast<float>(a[0])), all(static_cast<float>(a[1])), all(static_cast<float>(a[2]))};
}

struct Mat3 {
  Vec3 column[3];
};
REVERIE_INLINE Vec3 operator*(const Mat3& m, Vec3 v) {
  return m.column[0] * v.x + m.column[1] * v.y + m.column[2] * v.z;
}
REVERIE_INLINE Vec3 transposed_product(const Mat3& m, Vec3 v) {
  return {dot(m.column[0], v), dot(m.column[1], v), dot(m.column[2], v)};
}
REVERIE_INLINE Mat3 operator*(const Mat3& a, const Mat3& b) {
  return {{a * b.column[0], a * b.column[1], a * b.column[2]}};
}
REVERIE_INLINE Mat3 transpose(const Mat3& m) {
  const Vec3 &a = m.column[0], &b = m.column[1], &c = m.column[2];
  return {{{a.x, b.x, c.x}, {a.y, b.y, c.y}, {a.z, b.z, c.z}}};
}
// m += a bᵀ
REVERIE_INLINE void add_outer(Mat3& m, Vec3 a, Vec3 b) {
  m.column[0] += a * b.x;
  m.column[1] += a * b.y;
  m.column[2] += a * b.z;
}

REVERIE_INLINE Vec lanes(const float* p, int64_t number) { return load(p + number * kLanes, kLanes); }
REVERIE_INLINE void put_lanes(float* p, int64_t number, Vec v) { store(p + number * kLanes, v, kLanes); }
REVERIE_INLINE Vec3 lanes3(const float* p, int64_t first) {
  return {lanes(p, first), lanes(p, first + 1), lanes(p, first + 2)};
}
REVERIE_INLINE void put_lanes3(float* p, int64_t first, Vec3 v) {
  put_lanes(p, first, v.x);
  put_lanes(p, first + 1, v.y);
  put_lanes(p, first + 2, v.z);
}
REVERIE_INLINE Mat3 lanes9(const float* p, int64_t first) {
  return {{lanes3(p, first), lanes3(p, first + 3), lanes3(p, first + 6)}};
}
REVERIE_INLINE void put_lanes9(float* p, int64_t first, const Mat3& m) {
  for (int64_t j = 0; j < 3; ++j) put_lanes3(p, first + 3 * j, m.column[j]);
}

// A frame's numbers in memory: place, the columns of its rotation, velocity, spin; then its step's own rotation.
constexpr int64_t kFrame = 18, kFrameAndTurn = 27;
struct Frame {
  Vec3 place;
  Mat3 rotation;
  Vec3 velocity, spin;
};
REVERIE_INLINE Frame read_frame(const float* p) {
  return {lanes3(p, 0), lanes9(p, 3), lanes3(p, 12), lanes3(p, 15)};
}
REVERIE_INLINE void write_frame(float* p, const Frame& f) {
  put_lanes3(p, 0, f.place);
  put_lanes9(p, 3, f.rotation);
  put_lanes3(p, 12, f.velocity);
  put_lanes3(p, 15, f.spin);
}

// [rows, width] <-> lanes; lanes without a row become 0.
REVERIE_INLINE void to_lanes(int64_t rows, int64_t width, const float* from, float* to) {
  if (rows < kLanes)
    for (int64_t i = 0; i < width * kLanes; ++i) to[i] = 0.0f;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < width; ++i) to[i * kLanes + r] = from[r * width + i];
}
REVERIE_INLINE void from_lanes(int64_t rows, int64_t width, const float* from, float* to) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < width; ++i) to[r * width + i] = from[i * kLanes + r];
}

// The numbers of one body of each row and lanes; `body` points to the first row's, rotations lie row by row.
REVERIE_INLINE void body_to_rows(int64_t rows, int64_t bodies, const float* frame,
                                 const BodyArrays<float>& body) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t k = 0; k < 3; ++k) {
      body.place[3 * r * bodies + k] = frame[k * kLanes + r];
      for (int64_t j = 0; j < 3; ++j)
        body.rotation[9 * r * bodies + 3 * k + j] = frame[(3 + 3 * j + k) * kLanes + r];
      body.velocity[3 * r * bodies + k] = frame[(12 + k) * kLanes + r];
      body.spin[3 * r * bodies + k] = frame[(15 + k) * kLanes + r];
    }
  }
}
// Adds to the frame's numbers; parts that are null count as 0.
REVERIE_INLINE void add_body(int64_t rows, int64_t bodies, const BodyArrays<const float>& body,
                             float* frame) {
  const auto add3 = [&](const float* part, int64_t first) {
    if (part == nullptr) return;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t k = 0; k < 3; ++k) frame[(first + k) * kLanes + r] += part[3 * r * bodies + k];
  };
  add3(body.place, 0);
  add3(body.velocity, 12);
  add3(body.spin, 15);
  if (body.rotation == nullptr) return;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t k = 0; k < 9; ++k)
      frame[(3 + 3 * (k % 3) + k / 3) * kLanes + r] += body.rotation[9 * r * bodies + k];
}
template <class F>
REVERIE_INLINE BodyArrays<F> body_at(const BodyArrays<F>& all_bodies, int64_t index) {
  const auto at = [](F* p, int64_t n) { return p == nullptr ? nullptr : p + n; };
  return {at(all_bodies.place, 3 * index), at(all_bodies.rotation, 9 * index),
          at(all_bodies.velocity, 3 * index), at(all_bodies.spin, 3 * index)};
}
