#include "worldmodel/mechanics/coordinates.h"

#include <torch/types.h>

#include <algorithm>
#include <numbers>
#include <numeric>

#include "base/error.h"

namespace reverie::worldmodel {
namespace {

using contract::JointType;
using Kind = contract::ObservationSource::Kind;

// Where each of `columns`, laid side by side, goes: out[columns[i]] = i.
std::vector<int64_t> inverse(const std::vector<int64_t>& columns) {
  std::vector<int64_t> out(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) out[static_cast<size_t>(columns[i])] = static_cast<int64_t>(i);
  return out;
}

std::vector<int64_t> joined_lists(std::initializer_list<std::vector<int64_t>> lists) {
  std::vector<int64_t> out;
  for (const std::vector<int64_t>& list : lists) out.insert(out.end(), list.begin(), list.end());
  return out;
}

// Hamilton's product of quaternions w, x, y, z [N, 4].
at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  const std::vector<at::Tensor> p = a.unbind(-1), q = b.unbind(-1);
  return at::stack({p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
                    p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
                    p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1],
                    p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0]},
                   -1);
}

at::Tensor normalised(const at::Tensor& quaternion) {
  return quaternion / (quaternion.square().sum(-1, true) + 1e-12).sqrt();
}

// The quaternion of a rotation vector [N, 3]; smooth at 0.
at::Tensor turn_of(const at::Tensor& rotation) {
  const at::Tensor half = (rotation.square().sum(-1, true) + 1e-12).sqrt() * 0.5;  // [N, 1]
  return at::cat({half.cos(), rotation * (half.sin() / (2.0 * half))}, -1);
}

// The rotation vector [N, 3] of a quaternion, for turns of less than a half.
at::Tensor rotation_of(const at::Tensor& quaternion) {
  const at::Tensor w = quaternion.slice(-1, 0, 1), xyz = quaternion.slice(-1, 1);
  const at::Tensor length = (xyz.square().sum(-1, true) + 1e-12).sqrt();
  const at::Tensor sign = at::where(w < 0, -at::ones_like(w), at::ones_like(w));
  return xyz * (sign * 2.0 * at::atan2(length, w * sign) / length);
}

at::Tensor conjugate(const at::Tensor& quaternion) {
  return at::cat({quaternion.slice(-1, 0, 1), -quaternion.slice(-1, 1)}, -1);
}

}  // namespace

Coordinates::Coordinates(const contract::EnvSpec& spec) : positions_(spec.nq), velocities_(spec.nv) {
  if (spec.mechanics == nullptr)
    base::throw_user_error("model.kind=mechanics: nothing is known of the mechanics of {}", spec.task);
  index_features(spec);
  index_joints(spec);
  index_observation(spec);
}

void Coordinates::index_features(const contract::EnvSpec& spec) {
  std::vector<int64_t> plain_features, cosines, sines, velocities, plain, circular, kept, ignored;
  int64_t column = 0;
  for (int i = 0; i < spec.nq; ++i) {
    const bool is_ignored = std::ranges::binary_search(spec.mechanics->ignored, i);
    std::vector<int64_t>& list = is_ignored ? ignored : kept;
    list.push_back(column);
    if (std::ranges::binary_search(spec.circular, i)) {
      list.push_back(column + 1);
      circular.push_back(i);
      cosines.push_back(column++);
      sines.push_back(column++);
    } else {
      plain.push_back(i);
      plain_features.push_back(column++);
    }
  }
  for (int i = 0; i < spec.nv; ++i) {
    kept.push_back(column);
    velocities.push_back(column++);
  }
  plain_features_ = constant_columns(plain_features);
  cosines_ = constant_columns(cosines);
  sines_ = constant_columns(sines);
  velocity_features_ = constant_columns(velocities);
  plain_positions_ = constant_columns(plain);
  circular_positions_ = constant_columns(circular);
  position_order_ = constant_columns(inverse(joined_lists({plain, circular})));
  feature_order_ = constant_columns(inverse(joined_lists({plain_features, cosines, sines, velocities})));
  kept_features_ = constant_columns(kept);
  ignored_features_ = constant_columns(ignored);
  joined_order_ = constant_columns(inverse(joined_lists({kept, ignored})));
}

void Coordinates::index_joints(const contract::EnvSpec& spec) {
  const contract::Mechanics& mechanics = *spec.mechanics;
  std::vector<int64_t> scalar_positions, scalar_velocities, quaternion_positions, quaternion_velocities;
  std::vector<bool> round(static_cast<size_t>(positions_), false);
  for (const contract::MechanicalJoint& joint : mechanics.joints) {
    const bool is_free = joint.type == JointType::kFree;
    const int64_t numbers = is_free ? 3 : joint.type == JointType::kBall ? 0 : 1;
    for (int64_t i = 0; i < numbers; ++i) {
      scalar_positions.push_back(joint.qpos + i);
      scalar_velocities.push_back(joint.qvel + i);
    }
    if (!is_free && joint.type != JointType::kBall) continue;
    quaternions_.emplace_back(joint.qpos + numbers, joint.qvel + numbers);
    for (int64_t i = 0; i < 4; ++i) {
      quaternion_positions.push_back(joint.qpos + numbers + i);
      round[static_cast<size_t>(joint.qpos + numbers + i)] = true;
    }
    for (int64_t i = 0; i < 3; ++i) quaternion_velocities.push_back(joint.qvel + numbers + i);
  }
  std::vector<float> turns;
  for (size_t i = 0; i < scalar_positions.size(); ++i) {
    const bool is_circular = std::ranges::binary_search(spec.circular, static_cast<int>(scalar_positions[i]));
    turns.push_back(is_circular ? 2.0F * std::numbers::pi_v<float> : 0.0F);
    if (is_circular) round[static_cast<size_t>(scalar_positions[i])] = true;
  }
  for (int64_t i = 0; i < positions_; ++i) {
    const bool ignored = std::ranges::binary_search(mechanics.ignored, static_cast<int>(i));
    bounded_.push_back(!round[static_cast<size_t>(i)] && !ignored);
  }
  if (quaternions_.empty())
    scalar_joints_ = std::make_shared<ScalarJoints>(ScalarJoints{scalar_positions, scalar_velocities});
  scalar_positions_ = constant_columns(scalar_positions);
  scalar_velocities_ = constant_columns(scalar_velocities);
  turns_ = constant_numbers(turns);
  moved_order_ = constant_columns(inverse(joined_lists({scalar_positions, quaternion_positions})));
  delta_order_ = constant_columns(inverse(joined_lists({scalar_velocities, quaternion_velocities})));
}

void Coordinates::index_observation(const contract::EnvSpec& spec) {
  const auto bodies = static_cast<int64_t>(spec.mechanics->bodies.size());
  std::vector<int64_t> rest, source, angles, seen_in;
  std::vector<float> scale, offset, angle_scale, angle_offset;
  for (const contract::ObservationSource& from : spec.mechanics->observation) {
    if (from.kind == Kind::kBodyPlace || from.kind == Kind::kBodyRotation) reads_bodies_ = true;
  }
  const int64_t q = positions_, v = velocities_;
  const int64_t places = 3 * q + v, rotations = places + 3 * bodies;
  const int64_t rest_begin = reads_bodies_ ? rotations + 9 * bodies : places;
  for (size_t i = 0; i < spec.mechanics->observation.size(); ++i) {
    const contract::ObservationSource& from = spec.mechanics->observation[i];
    const bool other = from.kind == Kind::kOther;
    scale.push_back(static_cast<float>(other ? 1.0 : from.scale));
    offset.push_back(static_cast<float>(other ? 0.0 : from.offset));
    switch (from.kind) {
      case Kind::kOther:
        source.push_back(rest_begin + std::ssize(rest));
        rest.push_back(static_cast<int64_t>(i));
        break;
      case Kind::kPosition:
        source.push_back(from.index);
        if (std::ranges::binary_search(spec.circular, from.index) && from.scale != 0.0) {
          angles.push_back(std::ranges::lower_bound(spec.circular, from.index) - spec.circular.begin());
          seen_in.push_back(static_cast<int64_t>(i));
          angle_scale.push_back(static_cast<float>(from.scale));
          angle_offset.push_back(static_cast<float>(from.offset));
        }
        break;
      case Kind::kVelocity:
        source.push_back(q + from.index);
        break;
      case Kind::kCosine:
        source.push_back(q + v + from.index);
        break;
      case Kind::kSine:
        source.push_back(2 * q + v + from.index);
        break;
      case Kind::kBodyPlace:
        source.push_back(places + from.index);
        break;
      case Kind::kBodyRotation:
        source.push_back(rotations + from.index);
        break;
    }
  }
  rest_ = constant_columns(rest);
  source_ = constant_columns(source);
  source_scale_ = constant_numbers(scale);
  source_offset_ = constant_numbers(offset);
  observed_angles_ = constant_columns(angles);
  observed_in_ = constant_columns(seen_in);
  observed_scale_ = constant_numbers(angle_scale);
  observed_offset_ = constant_numbers(angle_offset);
}

Motion Coordinates::motion_of(const at::Tensor& observations, const at::Tensor& features) const {
  Motion out;
  at::Tensor position = pick(features, plain_features_);
  if (circular_positions_.size() > 0) {
    at::Tensor angles = at::atan2(pick(features, sines_), pick(features, cosines_));
    if (observed_angles_.size() > 0) {  // these say how often they have gone round
      const at::Tensor seen =
          (pick(observations, observed_in_) - observed_offset_.like(angles)) / observed_scale_.like(angles);
      angles = angles.index_copy(-1, observed_angles_.like(angles), seen);
    }
    position = at::cat({position, angles}, -1).index_select(-1, position_order_.like(features));
  }
  out.position = position;
  out.velocity = pick(features, velocity_features_);
  out.rest = pick(observations, rest_);
  return out;
}

at::Tensor Coordinates::features_of(const Motion& motion) const {
  if (circular_positions_.size() == 0) return at::cat({motion.position, motion.velocity}, -1);
  const at::Tensor angles = pick(motion.position, circular_positions_);
  return at::cat({pick(motion.position, plain_positions_), angles.cos(), angles.sin(), motion.velocity}, -1)
      .index_select(-1, feature_order_.like(angles));
}

at::Tensor Coordinates::observations_of(const Motion& motion, const BodyMotion& bodies) const {
  std::vector<at::Tensor> known = {motion.position, motion.velocity, motion.position.cos(),
                                   motion.position.sin()};
  if (reads_bodies_) {
    known.push_back(bodies.place.flatten(1));
    known.push_back(bodies.rotation.flatten(1));
  }
  known.push_back(motion.rest);
  return pick(at::cat(known, -1), source_) * source_scale_.like(motion.velocity) +
         source_offset_.like(motion.velocity);
}

at::Tensor Coordinates::kept(const at::Tensor& features) const { return pick(features, kept_features_); }

at::Tensor Coordinates::ignored(const at::Tensor& features) const {
  return pick(features, ignored_features_);
}

at::Tensor Coordinates::joined(const at::Tensor& kept, const at::Tensor& ignored) const {
  return at::cat({kept, ignored}, -1).index_select(-1, joined_order_.like(kept));
}

at::Tensor Coordinates::moved(const at::Tensor& position, const at::Tensor& delta) const {
  std::vector<at::Tensor> parts = {pick(position, scalar_positions_) + pick(delta, scalar_velocities_)};
  for (const auto& [q, v] : quaternions_) {
    parts.push_back(
        normalised(product(normalised(position.slice(-1, q, q + 4)), turn_of(delta.slice(-1, v, v + 3)))));
  }
  return at::cat(parts, -1).index_select(-1, moved_order_.like(position));
}

at::Tensor Coordinates::difference(const at::Tensor& from, const at::Tensor& to) const {
  const at::Tensor straight = pick(to, scalar_positions_) - pick(from, scalar_positions_);
  const at::Tensor turns = turns_.like(from);
  std::vector<at::Tensor> parts = {straight - turns * at::round(straight.detach() / turns.clamp_min(1.0))};
  for (const auto& [q, v] : quaternions_) {
    parts.push_back(rotation_of(
        product(conjugate(normalised(from.slice(-1, q, q + 4))), normalised(to.slice(-1, q, q + 4)))));
  }
  return at::cat(parts, -1).index_select(-1, delta_order_.like(from));
}

}  // namespace reverie::worldmodel
