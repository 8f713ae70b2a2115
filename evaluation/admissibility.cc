#include "evaluation/admissibility.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/model.h"

namespace reverie::evaluation {
namespace {

// How far joint `j` is beyond its nearer stop.
double beyond_limit(const mjModel* model, const mjData* data, int j) {
  if (!model->jnt_limited[j]) return 0.0;
  const mjtNum* range = model->jnt_range + 2 * static_cast<ptrdiff_t>(j);
  const mjtNum* q = data->qpos + model->jnt_qposadr[j];
  if (model->jnt_type[j] == mjJNT_BALL) {
    const double angle = 2.0 * std::atan2(mju_norm3(q + 1), std::abs(q[0]));
    return std::max(angle - std::max(range[0], range[1]), 0.0);
  }
  if (model->jnt_type[j] == mjJNT_FREE) return 0.0;
  return std::max({range[0] - q[0], q[0] - range[1], 0.0});
}

bool is_fixed(const mjModel* model, int geom) {
  return geom >= 0 && model->body_weldid[model->geom_bodyid[geom]] == 0;
}

}  // namespace

struct PoseReader::Impl {
  std::shared_ptr<const sim::Task> task;
  sim::DataPtr data;
};

PoseReader::PoseReader(std::shared_ptr<const sim::Task> task) : impl_(std::make_unique<Impl>()) {
  impl_->data = sim::make_data(task->model());
  impl_->task = std::move(task);
}

PoseReader::~PoseReader() = default;

Pose PoseReader::read(std::span<const float> positions) {
  const mjModel* model = impl_->task->model();
  mjData* data = impl_->data.get();
  if (!std::ranges::all_of(positions, [](float q) { return std::isfinite(q); })) return {.finite = false};
  std::ranges::copy(positions, data->qpos);
  mj_kinematics(model, data);  // brings quaternions to length 1
  mj_comPos(model, data);
  mj_collision(model, data);
  Pose pose;
  for (int i = 0; i < data->ncon; ++i) {
    const mjContact& contact = data->contact[i];
    if (contact.dist > 0.0) continue;
    pose.penetration = std::max(pose.penetration, -contact.dist);
    if (!is_fixed(model, contact.geom[0]) && !is_fixed(model, contact.geom[1])) continue;
    pose.touches_ground = true;
    pose.ground_penetration = std::max(pose.ground_penetration, -contact.dist);
  }
  for (int j = 0; j < model->njnt; ++j)
    pose.beyond_limit = std::max(pose.beyond_limit, beyond_limit(model, data, j));
  return pose;
}

void Admissibility::add(const Pose& pose) {
  const bool is_deep = pose.penetration > kPenetrating, is_beyond = pose.beyond_limit > kBeyondLimits;
  ++states;
  touching_ground += pose.touches_ground ? 1 : 0;
  sunk += pose.ground_penetration >= kSunk ? 1 : 0;
  penetrating += is_deep ? 1 : 0;
  beyond_limits += is_beyond ? 1 : 0;
  admissible += pose.finite && !is_deep && !is_beyond ? 1 : 0;
  deepest = std::max(deepest, pose.penetration);
}

double Admissibility::share(int64_t count) const {
  if (states == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(count) / static_cast<double>(states);
}

Admissibility read_poses(PoseReader& reader, const Visits& visits, const base::Stop* stop) {
  Admissibility poses;
  const auto nq = static_cast<size_t>(visits.nq);
  for (size_t i = 0; nq > 0 && i < visits.positions.size(); i += nq) {
    if (poses.states % 1000 == 0) base::check_stop(stop);
    poses.add(reader.read(std::span(visits.positions).subspan(i, nq)));
  }
  return poses;
}

}  // namespace reverie::evaluation
