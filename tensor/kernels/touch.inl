// Loops of kernels.h: balls fixed to bodies against even surfaces. Included after frames.inl.

// A ball's numbers for kLanes rows.
struct TouchLanes {
  Vec3 place, normal;  // constants
  Vec3 arm;            // from the body's origin to the centre
  Vec3 contact;        // from the body's origin to the matter nearest the surface
};
REVERIE_INLINE TouchLanes touch_lanes(const TouchBall& ball, const Frame& body) {
  const Vec3 place = all3(ball.place);
  const Vec3 normal = all3(ball.normal);
  const Vec3 arm = body.rotation * place;
  return {place, normal, arm, arm - normal * all(static_cast<float>(ball.radius))};
}

REVERIE_INLINE void lanes_to_column(int64_t rows, int64_t stride, Vec v, float* out) {
  float numbers[kLanes];
  store(numbers, v, kLanes);
  for (int64_t r = 0; r < rows; ++r) out[r * stride] = numbers[r];
}
// Null: 0.
REVERIE_INLINE Vec column_to_lanes(int64_t rows, int64_t stride, const float* in) {
  if (in == nullptr) return Vec{};
  float numbers[kLanes] = {};
  for (int64_t r = 0; r < rows; ++r) numbers[r] = in[r * stride];
  return load(numbers, kLanes);
}

REVERIE_INLINE void clear(float* p, int64_t n) {
  for (int64_t i = 0; i < n; ++i) p[i] = 0.0f;
}
REVERIE_INLINE Frame read_body(int64_t rows, int64_t bodies, const BodyArrays<const float>& body,
                               float* scratch) {
  clear(scratch, kFrame * kLanes);
  add_body(rows, bodies, body, scratch);
  return read_frame(scratch);
}

void touch_forward(int64_t rows, int64_t bodies, std::span<const TouchBall> balls, BodyArrays<const float> in,
                   TouchArrays<float> out, float* scratch) {
  const auto points = static_cast<int64_t>(balls.size());
  for (int64_t first = 0; first < rows; first += kLanes) {
    const int64_t n = rows - first < kLanes ? rows - first : kLanes;
    Frame body{};
    for (int64_t i = 0; i < points; ++i) {
      const TouchBall& ball = balls[static_cast<size_t>(i)];
      if (i == 0 || ball.body != balls[static_cast<size_t>(i - 1)].body)
        body = read_body(n, bodies, body_at(in, first * bodies + ball.body), scratch);
      const TouchLanes touch = touch_lanes(ball, body);
      const Vec3 velocity = body.velocity + cross(body.spin, touch.contact);
      const Vec approach = dot(touch.normal, velocity);
      const Vec3 slide = velocity - touch.normal * approach;
      const int64_t at = first * points + i;
      lanes_to_column(
          n, points,
          dot(touch.normal, body.place + touch.arm) - static_cast<float>(ball.radius + ball.height),
          out.clearance + at);
      lanes_to_column(n, points, approach, out.approach + at);
      lanes_to_column(n, 3 * points, slide.x, out.slide + 3 * at);
      lanes_to_column(n, 3 * points, slide.y, out.slide + 3 * at + 1);
      lanes_to_column(n, 3 * points, slide.z, out.slide + 3 * at + 2);
    }
  }
}

REVERIE_INLINE void add_touch_gradient(const TouchLanes& touch, const Frame& body, Vec clearance,
                                       Vec approach, Vec3 slide, Frame& d) {
  const Vec3 velocity = slide + touch.normal * (approach - dot(touch.normal, slide));
  const Vec3 place = touch.normal * clearance;
  d.place += place;
  d.velocity += velocity;
  d.spin += cross(touch.contact, velocity);
  add_outer(d.rotation, place + cross(velocity, body.spin), touch.place);
}

void touch_backward(int64_t rows, int64_t bodies, std::span<const TouchBall> balls,
                    BodyArrays<const float> in, TouchArrays<const float> dout, float* scratch,
                    BodyArrays<float> din) {
  const auto points = static_cast<int64_t>(balls.size());
  const auto column = [&](const float* p, int64_t n, int64_t stride, int64_t at) {
    return column_to_lanes(n, stride, p == nullptr ? nullptr : p + at);
  };
  for (int64_t first = 0; first < rows; first += kLanes) {
    const int64_t n = rows - first < kLanes ? rows - first : kLanes;
    float* dframes = scratch + kFrame * kLanes;
    clear(dframes, bodies * kFrame * kLanes);
    Frame body{};
    for (int64_t i = 0; i < points; ++i) {
      const TouchBall& ball = balls[static_cast<size_t>(i)];
      if (i == 0 || ball.body != balls[static_cast<size_t>(i - 1)].body)
        body = read_body(n, bodies, body_at(in, first * bodies + ball.body), scratch);
      float* dframe = dframes + ball.body * kFrame * kLanes;
      Frame d = read_frame(dframe);
      const int64_t at = first * points + i;
      add_touch_gradient(
          touch_lanes(ball, body), body, column(dout.clearance, n, points, at),
          column(dout.approach, n, points, at),
          {column(dout.slide, n, 3 * points, 3 * at), column(dout.slide, n, 3 * points, 3 * at + 1),
           column(dout.slide, n, 3 * points, 3 * at + 2)},
          d);
      write_frame(dframe, d);
    }
    for (int64_t b = 0; b < bodies; ++b)
      body_to_rows(n, bodies, dframes + b * kFrame * kLanes, body_at(din, first * bodies + b));
  }
}
