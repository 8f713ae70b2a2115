// Coordinates: the positions, velocities and other observed numbers that a dreamed robot moves in.
// Joint angles are kept whole, orientations as unit quaternions; steps are taken along velocities, so circles stay
// circles and quaternions stay of length 1.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <utility>
#include <vector>

#include "contract/env_spec.h"
#include "contract/mechanics.h"
#include "worldmodel/mechanics/constant.h"
#include "worldmodel/mechanics/fused_steps.h"
#include "worldmodel/mechanics/kinematics.h"

namespace reverie::worldmodel {

// N rows in physical units.
struct Motion {
  at::Tensor position;  // [N, nq] qpos
  at::Tensor velocity;  // [N, nv] qvel
  at::Tensor rest;      // [N, R] what is observed and does not follow from position and velocity
};

class Coordinates {
 public:
  // Throws UserError when spec.mechanics is null.
  explicit Coordinates(const contract::EnvSpec& spec);

  int64_t positions() const { return positions_; }                   // nq
  int64_t velocities() const { return velocities_; }                 // nv
  int64_t rest_size() const { return rest_.size(); }                 // R
  int64_t kept_size() const { return kept_features_.size(); }        // K
  int64_t ignored_size() const { return ignored_features_.size(); }  // G

  // From an observation [N, O] and state features [N, F], contract::state_to_features.
  Motion motion_of(const at::Tensor& observations, const at::Tensor& features) const;
  at::Tensor features_of(const Motion& motion) const;                                // [N, F]
  at::Tensor observations_of(const Motion& motion, const BodyMotion& bodies) const;  // [N, O]

  // The features on which motion depends [N, K], and positions on which it does not [N, G]; back to all, [N, F].
  at::Tensor kept(const at::Tensor& features) const;
  at::Tensor ignored(const at::Tensor& features) const;
  at::Tensor joined(const at::Tensor& kept, const at::Tensor& ignored) const;

  // `position` moved by `delta` [N, nv]: radians, metres, rotation vectors in a body's frame.
  at::Tensor moved(const at::Tensor& position, const at::Tensor& delta) const;
  // The delta [N, nv] that moves `from` to `to`; the short way round a circle.
  at::Tensor difference(const at::Tensor& from, const at::Tensor& to) const;

  // Where all joints move as numbers; null when an orientation is among them.
  const std::shared_ptr<const ScalarJoints>& scalar_joints() const { return scalar_joints_; }

  // [nq] 1 where a range of the data bounds a position: neither angle without limits nor quaternion nor ignored.
  const std::vector<bool>& bounded() const { return bounded_; }

  // Observations need the bodies: a place or a rotation is observed.
  bool reads_bodies() const { return reads_bodies_; }

 private:
  void index_features(const contract::EnvSpec& spec);
  void index_joints(const contract::EnvSpec& spec);
  void index_observation(const contract::EnvSpec& spec);

  int64_t positions_ = 0, velocities_ = 0;
  // Features: columns of plain positions, of the two of circular ones, and of velocities; how to put them together.
  Constant plain_features_, cosines_, sines_, velocity_features_, position_order_;
  Constant plain_positions_, circular_positions_, feature_order_;
  Constant kept_features_, ignored_features_, joined_order_;
  // Joints: positions that move as numbers with their velocities, and the first entries of quaternions.
  Constant scalar_positions_, scalar_velocities_,
      turns_;  // turns_ [nv]: 2 pi of a circle, else 0
  Constant moved_order_, delta_order_;
  std::shared_ptr<const ScalarJoints> scalar_joints_;
  std::vector<std::pair<int64_t, int64_t>> quaternions_;  // in qpos, in qvel
  std::vector<bool> bounded_;
  // The observation: which of (position, velocity, cosine, sine, place, rotation, rest), times scale plus offset.
  Constant rest_, source_, source_scale_, source_offset_;
  Constant observed_angles_, observed_in_, observed_scale_,
      observed_offset_;  // circular positions seen as they are
  bool reads_bodies_ = false;
};

}  // namespace reverie::worldmodel
