#include "evaluation/pose_error.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "contract/mechanics.h"
#include "report/statistics.h"
#include "sim/model.h"

namespace reverie::evaluation {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kDegrees = 180.0 / std::numbers::pi;

bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

bool moves(const mjModel* model, int body) { return model->body_weldid[body] != 0; }

std::vector<int> key_bodies_of(const mjModel* model) {
  std::vector<bool> carries(static_cast<size_t>(model->nbody), false);
  for (int body = 1; body < model->nbody; ++body)
    if (moves(model, body)) carries[static_cast<size_t>(model->body_parentid[body])] = true;
  std::vector<int> keys;
  for (int body = 1; body < model->nbody; ++body)
    if (moves(model, body) &&
        (!moves(model, model->body_parentid[body]) || !carries[static_cast<size_t>(body)]))
      keys.push_back(body);
  return keys;
}

double root_mean_square(double sum, int count) {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(sum / count);
}

}  // namespace

struct PoseComparison::Impl {
  std::shared_ptr<const sim::Task> task;
  sim::DataPtr truth, other;
  std::vector<int> keys;
  std::vector<int> ignored;        // qpos indices on which motion does not depend
  std::vector<uint8_t> is_length;  // [nv]
  std::vector<uint8_t> turns;      // [nv] an angle without limits
  std::vector<double> difference;  // [nv]
};

PoseComparison::PoseComparison(std::shared_ptr<const sim::Task> task) : impl_(std::make_unique<Impl>()) {
  const mjModel* model = task->model();
  impl_->truth = sim::make_data(model);
  impl_->other = sim::make_data(model);
  impl_->keys = key_bodies_of(model);
  if (task->spec().mechanics) impl_->ignored = task->spec().mechanics->ignored;
  impl_->difference.resize(static_cast<size_t>(model->nv));
  impl_->is_length.assign(static_cast<size_t>(model->nv), 0);
  impl_->turns = impl_->is_length;
  for (int j = 0; j < model->njnt; ++j) {
    const auto first = static_cast<size_t>(model->jnt_dofadr[j]);
    if (model->jnt_type[j] == mjJNT_SLIDE) impl_->is_length[first] = 1;
    if (model->jnt_type[j] == mjJNT_FREE)
      std::fill_n(impl_->is_length.begin() + model->jnt_dofadr[j], 3, uint8_t{1});
    if (model->jnt_type[j] == mjJNT_HINGE && !model->jnt_limited[j]) impl_->turns[first] = 1;
  }
  impl_->task = std::move(task);
}

PoseComparison::~PoseComparison() = default;

std::vector<std::string> PoseComparison::key_bodies() const {
  std::vector<std::string> names;
  for (const int body : impl_->keys)
    names.push_back(sim::object_name(impl_->task->model(), mjOBJ_BODY, body));
  return names;
}

void PoseComparison::set_truth(std::span<const float> positions) {
  std::ranges::copy(positions, impl_->truth->qpos);
  mj_normalizeQuat(impl_->task->model(), impl_->truth->qpos);
  mj_kinematics(impl_->task->model(), impl_->truth.get());
}

PoseError PoseComparison::compare(std::span<const float> positions) {
  if (!is_finite(positions)) return {kInfinity, kInfinity, kInfinity, kInfinity};
  const mjModel* model = impl_->task->model();
  const mjData *truth = impl_->truth.get(), *other = impl_->other.get();
  std::ranges::copy(positions, impl_->other->qpos);
  mj_normalizeQuat(model, impl_->other->qpos);
  mj_differentiatePos(model, impl_->difference.data(), 1.0, truth->qpos, other->qpos);
  double lengths = 0.0, angles = 0.0;
  int length_count = 0;
  for (size_t i = 0; i < impl_->difference.size(); ++i) {
    double d = impl_->difference[i];
    if (impl_->turns[i] != 0) d = std::remainder(d, 2.0 * std::numbers::pi);
    (impl_->is_length[i] != 0 ? lengths : angles) += d * d;
    length_count += impl_->is_length[i];
  }
  for (const int i : impl_->ignored) impl_->other->qpos[i] = truth->qpos[i];
  mj_kinematics(model, impl_->other.get());
  std::vector<double> places, turns;
  for (const std::ptrdiff_t body : impl_->keys) {
    places.push_back(mju_dist3(truth->xpos + 3 * body, other->xpos + 3 * body));
    mjtNum turn[3];
    mju_subQuat(turn, other->xquat + 4 * body, truth->xquat + 4 * body);
    turns.push_back(kDegrees * mju_norm3(turn));
  }
  return {.translation = root_mean_square(lengths, length_count),
          .rotation = kDegrees * root_mean_square(angles, model->nv - length_count),
          .place = report::mean(places),
          .turn = report::mean(turns)};
}

std::vector<float> PoseComparison::moved(std::span<const float> positions, std::span<const float> velocities,
                                         double seconds) {
  std::vector<double> qpos(positions.begin(), positions.end()), qvel(velocities.begin(), velocities.end());
  mj_integratePos(impl_->task->model(), qpos.data(), qvel.data(), seconds);
  std::vector<float> result;
  std::ranges::transform(qpos, std::back_inserter(result), [](double x) { return static_cast<float>(x); });
  return result;
}

}  // namespace reverie::evaluation
