#include "evaluation/physics_reader.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/model.h"

namespace reverie::evaluation {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

// The body that stands for all that is welded to that of `geom`; 0 for what cannot move.
int body_of(const mjModel* model, int geom) {
  return geom < 0 ? -1 : model->body_weldid[model->geom_bodyid[geom]];
}

double largest_quaternion_error(const mjModel* model, const mjData* data) {
  double largest = kNan;
  for (int j = 0; j < model->njnt; ++j) {
    int first = model->jnt_qposadr[j];
    if (model->jnt_type[j] == mjJNT_FREE) {
      first += 3;
    } else if (model->jnt_type[j] != mjJNT_BALL) {
      continue;
    }
    const double error = std::abs(mju_norm(data->qpos + first, 4) - 1.0);
    largest = std::isnan(largest) ? error : std::max(largest, error);
  }
  return largest;
}

}  // namespace

struct PhysicsReader::Impl {
  std::shared_ptr<const sim::Task> task;
  sim::DataPtr data;
  std::vector<double> jacobian;       // [3, nv]
  std::vector<double> force, change;  // [nv]
  std::vector<double> middle;         // [nq]

  const mjModel* model() const { return task->model(); }

  double slip_of(const mjContact& contact, int body) {
    mj_jac(model(), data.get(), jacobian.data(), nullptr, contact.pos, body);
    mjtNum velocity[3], normal[3];
    mju_mulMatVec(velocity, jacobian.data(), data->qvel, 3, model()->nv);
    mju_scl3(normal, contact.frame, mju_dot3(velocity, contact.frame));
    mju_subFrom3(velocity, normal);
    return mju_norm3(velocity);
  }

  void read_contacts(PhysicsReading& reading) {
    double slip = 0.0;
    int touching = 0;
    for (int i = 0; i < data->ncon; ++i) {
      const mjContact& contact = data->contact[i];
      const int a = body_of(model(), contact.geom[0]), b = body_of(model(), contact.geom[1]);
      if (contact.dist > 0.0 || a == b || a < 0 || b < 0) continue;
      reading.contacts.emplace_back(std::min(a, b), std::max(a, b));
      if (a != 0 && b != 0) continue;
      slip += slip_of(contact, std::max(a, b));
      ++touching;
    }
    reading.slip = touching == 0 ? kNan : slip / touching;
    std::ranges::sort(reading.contacts);
    const auto rest = std::ranges::unique(reading.contacts);
    reading.contacts.erase(rest.begin(), rest.end());
  }

  // Of the accelerations in `data`, see ghost_force.
  double unexplained() {
    const mjModel* m = model();
    mjData* d = data.get();
    const double gravity = mju_norm3(m->opt.gravity);
    if (gravity == 0.0) return kNan;
    mj_inverse(m, d);
    mj_fwdActuation(m, d);
    mju_sub(force.data(), d->qfrc_inverse, d->qfrc_actuator, m->nv);
    mju_subFrom(force.data(), d->qfrc_applied, m->nv);
    std::ranges::fill(change, 0.0);
    for (int body = 1; body < m->nbody; ++body) {
      const std::ptrdiff_t at = body;
      const mjtNum* push = d->xfrc_applied + 6 * at;
      if (mju_norm(push, 6) > 0.0) mj_applyFT(m, d, push, push + 3, d->xipos + 3 * at, body, change.data());
    }
    mju_subFrom(force.data(), change.data(), m->nv);
    mj_factorM(m, d);
    mj_solveM(m, d, change.data(), force.data(), 1);
    mj_jacSubtreeCom(m, d, jacobian.data(), 0);
    mjtNum acceleration[3];
    mju_mulMatVec(acceleration, jacobian.data(), change.data(), 3, m->nv);
    const double size = mju_norm3(acceleration) / gravity;
    return std::isnan(size) ? kInfinity : size;
  }
};

PhysicsReader::PhysicsReader(std::shared_ptr<const sim::Task> task) : impl_(std::make_unique<Impl>()) {
  const mjModel* model = task->model();
  impl_->data = sim::make_data(model);
  impl_->jacobian.resize(3 * static_cast<size_t>(model->nv));
  impl_->force.resize(static_cast<size_t>(model->nv));
  impl_->change.resize(static_cast<size_t>(model->nv));
  impl_->middle.resize(static_cast<size_t>(model->nq));
  impl_->task = std::move(task);
}

PhysicsReader::~PhysicsReader() = default;

PhysicsReading PhysicsReader::read(std::span<const float> positions, std::span<const float> velocities) {
  if (!is_finite(positions) || !is_finite(velocities)) return {.finite = false, .contacts = {}};
  const mjModel* model = impl_->model();
  mjData* data = impl_->data.get();
  mj_resetData(model, data);
  std::ranges::copy(positions, data->qpos);
  std::ranges::copy(velocities, data->qvel);
  PhysicsReading reading;
  reading.quaternion_error = largest_quaternion_error(model, data);
  mj_normalizeQuat(model, data->qpos);
  mj_fwdPosition(model, data);
  mj_fwdVelocity(model, data);
  impl_->read_contacts(reading);
  mj_energyPos(model, data);
  mj_energyVel(model, data);
  reading.energy = data->energy[0] + data->energy[1];
  reading.finite = std::isfinite(reading.energy);
  return reading;
}

double PhysicsReader::ghost_force(std::span<const double> physics, const Moment& from, const Moment& to,
                                  double seconds) {
  for (const Moment& moment : {from, to})
    if (!is_finite(moment.positions) || !is_finite(moment.velocities)) return kInfinity;
  const mjModel* model = impl_->model();
  mjData* data = impl_->data.get();
  mj_setState(model, data, physics.data(), mjSTATE_INTEGRATION);
  std::ranges::copy(from.positions, impl_->middle.begin());
  std::ranges::copy(to.positions, data->qpos);
  mj_normalizeQuat(model, impl_->middle.data());
  mj_normalizeQuat(model, data->qpos);
  mj_differentiatePos(model, impl_->change.data(), 1.0, impl_->middle.data(), data->qpos);
  mj_integratePos(model, impl_->middle.data(), impl_->change.data(), 0.5);
  std::ranges::copy(impl_->middle, data->qpos);
  for (size_t i = 0; i < from.velocities.size(); ++i) {
    const double before = from.velocities[i], after = to.velocities[i];
    data->qvel[i] = 0.5 * (before + after);
    data->qacc[i] = (after - before) / seconds;
  }
  return impl_->unexplained();
}

double PhysicsReader::instrument_error(std::span<const double> physics) {
  mj_setState(impl_->model(), impl_->data.get(), physics.data(), mjSTATE_INTEGRATION);
  mj_forward(impl_->model(), impl_->data.get());
  return impl_->unexplained();
}

}  // namespace reverie::evaluation
