// MechanicsInputs: what the dynamics of a robot read of where it is and how it moves.
// Beside positions and velocities these are distances to the stops of joints and to surfaces, now and after one control
// step, with switches that turn on where a force begins: what a standardised observation hides.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "contract/env_spec.h"
#include "worldmodel/mechanics/constant.h"
#include "worldmodel/mechanics/coordinates.h"
#include "worldmodel/mechanics/fused_steps.h"
#include "worldmodel/mechanics/kinematics.h"

namespace reverie::worldmodel {

class MechanicsInputs {
 public:
  // Throws UserError when spec.mechanics is null.
  explicit MechanicsInputs(const contract::EnvSpec& spec);

  const Coordinates& coordinates() const { return coordinates_; }
  int64_t size() const { return size_; }  // I
  int64_t first_switch() const { return first_switch_; }
  const InputLayout& layout() const { return *layout_; }

  // All bodies where something reads them, else undefined tensors.
  BodyMotion bodies(const Motion& motion) const;
  // [N, I] in units of about 1 but not standardised: velocities, the rest of the observation, positions that matter
  // (angles also as cosine and sine), stops, surfaces.
  at::Tensor operator()(const Motion& motion, const BodyMotion& bodies) const;
  // (inputs - mean) / deviation of a motion, [N, I], kept within +-kMostInput; on CPU float32 by fused loops.
  // Columns from first_switch() on are stops and surfaces.
  at::Tensor standardised(const Motion& motion, const at::Tensor& mean, const at::Tensor& deviation) const;

 private:
  at::Tensor stops(const Motion& motion) const;                     // [N, 8 L] of L limited joints
  at::Tensor touches(const BodyMotion& bodies) const;               // [N, ...]
  std::vector<at::Tensor> across(const at::Tensor& sliding) const;  // speeds along the surfaces
  void find_directions(const contract::Mechanics& mechanics);

  Coordinates coordinates_;
  Kinematics kinematics_;
  double dt_ = 0.0;            // s, a control step
  Constant lengths_, angles_;  // qpos: read as they are; read as sine and cosine too
  Constant limited_, limited_speed_, low_, high_, far_, near_;  // [L] qpos, qvel, ends and scales
  std::vector<Constant> directions_;                            // [P, 3] along each point's surface
  std::shared_ptr<InputLayout> layout_ = std::make_shared<InputLayout>();  // all of these for the fused loops
  bool touches_ = false, reads_bodies_ = false;
  int64_t size_ = 0, first_switch_ = 0;
};

}  // namespace reverie::worldmodel
