// Loops of kernels.h: the motion of a robot's bodies, gradients. Included after kinematics.inl.
// Each step passes the gradient of the frame it made on to the frame it came from, the last step first.

// The gradient of the quaternion before it was made of length 1, from g of the rotation.
REVERIE_INLINE void put_quaternion_gradient(const Quaternion& q, const Mat3& g, float* out) {
  const Vec3 &a = g.column[0], &b = g.column[1], &c = g.column[2];
  const Vec w = q.z * (a.y - b.x) + q.y * (c.x - a.z) + q.x * (b.z - c.y);
  const Vec x = q.y * (a.y + b.x) + q.z * (c.x + a.z) + q.w * (b.z - c.y) - 2.0f * q.x * (b.y + c.z);
  const Vec y = q.x * (a.y + b.x) + q.w * (c.x - a.z) + q.z * (b.z + c.y) - 2.0f * q.y * (a.x + c.z);
  const Vec z = q.w * (a.y - b.x) + q.x * (c.x + a.z) + q.y * (b.z + c.y) - 2.0f * q.z * (a.x + b.y);
  const Vec along = q.w * w + q.x * x + q.y * y + q.z * z;
  const Vec scale = 2.0f * q.scale;
  put_lanes(out, 0, (w - q.w * along) * scale);
  put_lanes(out, 1, (x - q.x * along) * scale);
  put_lanes(out, 2, (y - q.y * along) * scale);
  put_lanes(out, 3, (z - q.z * along) * scale);
}

// What a step's gradient is computed from: lanes of positions and velocities, of their gradients, and of the gradient of the
// frame it came from.
struct StepGradients {
  const float *q, *v;
  float *dq, *dv, *dfrom;
};

// The part of a turn about a point that is not at the frame's origin. g: of the frame made; adds to both.
REVERIE_INLINE void turn_gradient(const KinematicStep& step, const Frame& from, const Frame& to, Frame& g,
                                  Frame& dfrom) {
  dfrom.place += g.place;
  dfrom.velocity += g.velocity;
  if (!step.placed) return;
  const Vec3 place = all3(step.place);
  const Vec3 before = from.rotation * place;
  const Vec3 after = to.rotation * place;
  const Vec3 none = {Vec{}, Vec{}, Vec{}};
  dfrom.spin += cross(before, g.velocity);
  add_outer(dfrom.rotation, g.place + cross(g.velocity, from.spin), place);
  add_outer(g.rotation, none - g.place - cross(g.velocity, to.spin), place);
  g.spin += cross(g.velocity, after);
}

REVERIE_INLINE void fixed_gradient(const KinematicStep& step, const Frame& from, const Frame& g, Frame& d) {
  d.place += g.place;
  d.velocity += g.velocity;
  d.spin += g.spin;
  if (step.turned) {
    const Mat3 back = g.rotation * transpose(fixed_turn(step));
    for (int j = 0; j < 3; ++j) d.rotation.column[j] += back.column[j];
  } else {
    for (int j = 0; j < 3; ++j) d.rotation.column[j] += g.rotation.column[j];
  }
  if (!step.placed) return;
  const Vec3 place = all3(step.place);
  d.spin += cross(from.rotation * place, g.velocity);
  add_outer(d.rotation, g.place + cross(g.velocity, from.spin), place);
}

REVERIE_INLINE void slide_gradient(const KinematicStep& step, const Frame& from, const Frame& g,
                                   const StepGradients& s, Frame& d) {
  const Vec3 axis = all3(step.axis);
  const Vec3 direction = from.rotation * axis;
  const Vec way = lanes(s.q, step.qpos) - static_cast<float>(step.reference);
  const Vec3 offset = g.place + cross(g.velocity, from.spin);  // its gradient
  put_lanes(s.dq, step.qpos, dot(offset, direction));
  put_lanes(s.dv, step.qvel, dot(g.velocity, direction));
  d.place += g.place;
  d.velocity += g.velocity;
  d.spin += g.spin + cross(direction * way, g.velocity);
  for (int j = 0; j < 3; ++j) d.rotation.column[j] += g.rotation.column[j];
  add_outer(d.rotation, offset * way + g.velocity * lanes(s.v, step.qvel), axis);
}

REVERIE_INLINE void hinge_gradient(const KinematicStep& step, const Frame& from, const Frame& to,
                                   const Mat3& by, Frame& g, const StepGradients& s, Frame& d) {
  turn_gradient(step, from, to, g, d);
  const Vec3 axis = all3(step.axis);
  const Vec3 direction = from.rotation * axis;
  Vec3 turn = cross(to.rotation.column[0], g.rotation.column[0]);
  for (int j = 1; j < 3; ++j) turn += cross(to.rotation.column[j], g.rotation.column[j]);
  put_lanes(s.dq, step.qpos, dot(direction, turn));
  put_lanes(s.dv, step.qvel, dot(direction, g.spin));
  d.spin += g.spin;
  add_outer(d.rotation, g.spin * lanes(s.v, step.qvel), axis);
  const Mat3 back = g.rotation * transpose(by);
  for (int j = 0; j < 3; ++j) d.rotation.column[j] += back.column[j];
}

REVERIE_INLINE void ball_gradient(const KinematicStep& step, const Frame& from, const Frame& to,
                                  const Mat3& by, Frame& g, const StepGradients& s, Frame& d) {
  turn_gradient(step, from, to, g, d);
  add_outer(g.rotation, g.spin, lanes3(s.v, step.qvel));
  put_lanes3(s.dv, step.qvel, transposed_product(to.rotation, g.spin));
  put_quaternion_gradient(unit_quaternion(s.q + step.qpos * kLanes), transpose(from.rotation) * g.rotation,
                          s.dq + step.qpos * kLanes);
  d.spin += g.spin;
  const Mat3 back = g.rotation * transpose(by);
  for (int j = 0; j < 3; ++j) d.rotation.column[j] += back.column[j];
}

REVERIE_INLINE void free_gradient(const KinematicStep& step, const Frame& to, Frame& g,
                                  const StepGradients& s) {
  add_outer(g.rotation, g.spin, lanes3(s.v, step.qvel + 3));
  put_lanes3(s.dq, step.qpos, g.place);
  put_quaternion_gradient(unit_quaternion(s.q + (step.qpos + 3) * kLanes), g.rotation,
                          s.dq + (step.qpos + 3) * kLanes);
  put_lanes3(s.dv, step.qvel, g.velocity);
  put_lanes3(s.dv, step.qvel + 3, transposed_product(to.rotation, g.spin));
}

REVERIE_INLINE void step_gradient(const KinematicStep& step, const float* source, const float* target,
                                  const float* dtarget, const StepGradients& s) {
  const Frame from = read_frame(source);
  Frame g = read_frame(dtarget);
  Frame d = read_frame(s.dfrom);
  switch (step.kind) {
    case KinematicStep::Kind::kFixed:
      fixed_gradient(step, from, g, d);
      break;
    case KinematicStep::Kind::kSlide:
      slide_gradient(step, from, g, s, d);
      break;
    case KinematicStep::Kind::kHinge:
      hinge_gradient(step, from, read_frame(target), lanes9(target, kFrame), g, s, d);
      break;
    case KinematicStep::Kind::kBall:
      ball_gradient(step, from, read_frame(target), lanes9(target, kFrame), g, s, d);
      break;
    case KinematicStep::Kind::kFree:
      free_gradient(step, read_frame(target), g, s);
      return;
  }
  write_frame(s.dfrom, d);
}

void kinematics_backward(int64_t rows, const KinematicPlan& plan, const float* qpos, const float* qvel,
                         BodyArrays<const float> dout, float* scratch, float* dqpos, float* dqvel) {
  const auto bodies = static_cast<int64_t>(plan.frames.size());
  const auto steps = static_cast<int64_t>(plan.steps.size());
  for (int64_t first = 0; first < rows; first += kLanes) {
    const int64_t n = rows - first < kLanes ? rows - first : kLanes;
    const float* frames =
        run_steps(plan, n, qpos + first * plan.positions, qvel + first * plan.velocities, scratch);
    float* dframes = scratch + (plan.positions + plan.velocities + (steps + 1) * kFrameAndTurn) * kLanes;
    float* dq = dframes + (steps + 1) * kFrame * kLanes;
    float* dv = dq + plan.positions * kLanes;
    for (float* p = dframes; p < dv + plan.velocities * kLanes; ++p) *p = 0.0f;
    for (int64_t b = 0; b < bodies; ++b)
      add_body(n, bodies, body_at(dout, first * bodies + b),
               dframes + plan.frames[static_cast<size_t>(b)] * kFrame * kLanes);
    for (int64_t i = steps - 1; i >= 0; --i) {
      const KinematicStep& step = plan.steps[static_cast<size_t>(i)];
      step_gradient(
          step, frames + step.from * kFrameAndTurn * kLanes, frames + (i + 1) * kFrameAndTurn * kLanes,
          dframes + (i + 1) * kFrame * kLanes,
          {scratch, scratch + plan.positions * kLanes, dq, dv, dframes + step.from * kFrame * kLanes});
    }
    from_lanes(n, plan.positions, dq, dqpos + first * plan.positions);
    from_lanes(n, plan.velocities, dv, dqvel + first * plan.velocities);
  }
}
