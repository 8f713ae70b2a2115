// Loops of kernels.h: the motion of a robot's bodies, forward. Included after frames.inl.

struct Quaternion {
  Vec w, x, y, z, scale;  // scale: 1 over the length before it was made 1
};
REVERIE_INLINE Quaternion unit_quaternion(const float* q) {
  const Vec w = lanes(q, 0), x = lanes(q, 1), y = lanes(q, 2), z = lanes(q, 3);
  float squares[kLanes];
  store(squares, w * w + x * x + y * y + z * z + 1e-30f, kLanes);
  for (float& square : squares) square = 1.0f / __builtin_sqrtf(square);
  const Vec scale = load(squares, kLanes);
  return {w * scale, x * scale, y * scale, z * scale, scale};
}
REVERIE_INLINE Mat3 rotation_of(const Quaternion& q) {
  const Vec xx = 2.0f * q.x * q.x, yy = 2.0f * q.y * q.y, zz = 2.0f * q.z * q.z;
  const Vec xy = 2.0f * q.x * q.y, xz = 2.0f * q.x * q.z, yz = 2.0f * q.y * q.z;
  const Vec wx = 2.0f * q.w * q.x, wy = 2.0f * q.w * q.y, wz = 2.0f * q.w * q.z;
  return {{{1.0f - (yy + zz), xy + wz, xz - wy},
           {xy - wz, 1.0f - (xx + zz), yz + wx},
           {xz + wy, yz - wx, 1.0f - (xx + yy)}}};
}
REVERIE_INLINE Mat3 rotation_about(Vec3 axis, Vec angle) {
  const SineCosine turn = sine_cosine(angle);
  const Vec3 s = axis * turn.sine;
  Mat3 m{{{turn.cosine, s.z, -s.y}, {-s.z, turn.cosine, s.x}, {s.y, -s.x, turn.cosine}}};
  add_outer(m, axis * (1.0f - turn.cosine), axis);
  return m;
}
REVERIE_INLINE Mat3 fixed_turn(const KinematicStep& step) {
  Mat3 m;
  for (size_t j = 0; j < 3; ++j) m.column[j] = all3({step.turn[j], step.turn[3 + j], step.turn[6 + j]});
  return m;
}

// Turns a frame by a rotation about a point and adds to its spin.
REVERIE_INLINE void turn_frame(const KinematicStep& step, const Frame& from, const Mat3& by, Frame& to) {
  to.rotation = from.rotation * by;
  if (!step.placed) return;
  const Vec3 before = from.rotation * all3(step.place);
  const Vec3 after = to.rotation * all3(step.place);
  to.place = from.place + before - after;
}
REVERIE_INLINE void spin_frame(const KinematicStep& step, const Frame& from, Vec3 added, Frame& to) {
  to.spin = from.spin + added;
  if (!step.placed) return;
  const Vec3 place = all3(step.place);
  to.velocity = from.velocity + cross(from.spin, from.rotation * place) - cross(to.spin, to.rotation * place);
}

// q and v: lanes of all positions and velocities.
REVERIE_INLINE void run_step(const KinematicStep& step, const float* q, const float* v, const float* source,
                             float* target) {
  const Frame from = read_frame(source);
  Frame to = from;
  Mat3 by;
  const Vec3 axis = all3(step.axis);
  switch (step.kind) {
    case KinematicStep::Kind::kFixed:
      by = fixed_turn(step);
      if (step.turned) to.rotation = from.rotation * by;
      if (step.placed) {
        const Vec3 offset = from.rotation * all3(step.place);
        to.place = from.place + offset;
        to.velocity = from.velocity + cross(from.spin, offset);
      }
      break;
    case KinematicStep::Kind::kSlide: {
      const Vec3 direction = from.rotation * axis;
      const Vec3 offset = direction * (lanes(q, step.qpos) - static_cast<float>(step.reference));
      to.place = from.place + offset;
      to.velocity = from.velocity + cross(from.spin, offset) + direction * lanes(v, step.qvel);
      write_frame(target, to);
      return;
    }
    case KinematicStep::Kind::kHinge:
      by = rotation_about(axis, lanes(q, step.qpos) - static_cast<float>(step.reference));
      turn_frame(step, from, by, to);
      spin_frame(step, from, (from.rotation * axis) * lanes(v, step.qvel), to);
      break;
    case KinematicStep::Kind::kBall:
      by = rotation_of(unit_quaternion(q + step.qpos * kLanes));
      turn_frame(step, from, by, to);
      spin_frame(step, from, to.rotation * lanes3(v, step.qvel), to);
      break;
    case KinematicStep::Kind::kFree:
      by = rotation_of(unit_quaternion(q + (step.qpos + 3) * kLanes));
      to = {lanes3(q, step.qpos), by, lanes3(v, step.qvel), by * lanes3(v, step.qvel + 3)};
      break;
  }
  write_frame(target, to);
  put_lanes9(target, kFrame, by);
}

// Positions and velocities in lanes, then frames.
REVERIE_INLINE float* run_steps(const KinematicPlan& plan, int64_t rows, const float* qpos, const float* qvel,
                                float* scratch) {
  float* q = scratch;
  float* v = q + plan.positions * kLanes;
  float* frames = v + plan.velocities * kLanes;
  to_lanes(rows, plan.positions, qpos, q);
  to_lanes(rows, plan.velocities, qvel, v);
  const Vec zero{}, one = zero + 1.0f;
  const Vec3 none = {zero, zero, zero};
  write_frame(frames, {none, {{{one, zero, zero}, {zero, one, zero}, {zero, zero, one}}}, none, none});
  float* target = frames;
  for (const KinematicStep& step : plan.steps) {
    target += kFrameAndTurn * kLanes;
    run_step(step, q, v, frames + step.from * kFrameAndTurn * kLanes, target);
  }
  return frames;
}

void kinematics_forward(int64_t rows, const KinematicPlan& plan, const float* qpos, const float* qvel,
                        BodyArrays<float> out, float* scratch) {
  const auto bodies = static_cast<int64_t>(plan.frames.size());
  for (int64_t first = 0; first < rows; first += kLanes) {
    const int64_t n = rows - first < kLanes ? rows - first : kLanes;
    const float* frames =
        run_steps(plan, n, qpos + first * plan.positions, qvel + first * plan.velocities, scratch);
    for (int64_t b = 0; b < bodies; ++b)
      body_to_rows(n, bodies, frames + plan.frames[static_cast<size_t>(b)] * kFrameAndTurn * kLanes,
                   body_at(out, first * bodies + b));
  }
}
