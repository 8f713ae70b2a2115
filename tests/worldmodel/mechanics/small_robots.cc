#include "tests/worldmodel/mechanics/small_robots.h"

#include <torch/types.h>

#include <span>
#include <vector>

#include "contract/rng.h"
#include "tensor/tensor_io.h"

namespace reverie::worldmodel {
namespace {

using contract::JointType;
using Source = contract::ObservationSource;

contract::MechanicalJoint joint(JointType type, int body, int qpos, int qvel, std::array<double, 3> axis) {
  contract::MechanicalJoint out;
  out.type = type;
  out.body = body;
  out.qpos = qpos;
  out.qvel = qvel;
  out.axis = axis;
  return out;
}

contract::EnvSpec spec_of(const std::shared_ptr<const contract::Mechanics>& mechanics, int nq, int nv) {
  contract::EnvSpec out;
  out.task = "test/robot";
  out.observation_dim = static_cast<int>(mechanics->observation.size());
  out.action_dim = 2;
  out.action_low = {-1, -1};
  out.action_high = {1, 1};
  out.control_dt = 0.02;
  out.nq = nq;
  out.nv = nv;
  out.mechanics = mechanics;
  return out;
}

}  // namespace

contract::EnvSpec leg() {
  auto out = std::make_shared<contract::Mechanics>();
  out->bodies = {{"world", 0, {}, {1, 0, 0, 0}, 0, 0},
                 {"thigh", 0, {0, 0, 1}, {1, 0, 0, 0}, 0, 3},
                 {"shin", 1, {0, 0, -0.5}, {1, 0, 0, 0}, 3, 1}};
  contract::MechanicalJoint knee = joint(JointType::kHinge, 2, 3, 3, {0, 1, 0});
  knee.limited = true;
  knee.low = -0.5;
  knee.high = 1.5;
  out->joints = {joint(JointType::kSlide, 1, 0, 0, {1, 0, 0}), joint(JointType::kSlide, 1, 1, 1, {0, 0, 1}),
                 joint(JointType::kHinge, 1, 2, 2, {0, 1, 0}), knee};
  out->surfaces = {{{0, 0, 0}, {0, 0, 1}}};
  out->points = {{2, 0, {0, 0, -0.5}, 0.05}};
  out->ignored = {0};
  out->observation = {
      {Source::Kind::kPosition, 1, 1.0, 1.0},          {Source::Kind::kSine, 2, 2.0, 0.0},
      {Source::Kind::kPosition, 3, 1.0, 0.0},          {Source::Kind::kVelocity, 3, -1.0, 0.5},
      {Source::Kind::kBodyPlace, 2 * 3 + 2, 1.0, 0.0}, {}};
  contract::EnvSpec spec = spec_of(out, 4, 4);
  spec.circular = {2};
  return spec;
}

contract::EnvSpec floater() {
  auto out = std::make_shared<contract::Mechanics>();
  out->bodies = {{"world", 0, {}, {1, 0, 0, 0}, 0, 0},
                 {"trunk", 0, {}, {1, 0, 0, 0}, 0, 1},
                 {"head", 1, {0, 0, 0.3}, {1, 0, 0, 0}, 1, 1}};
  out->joints = {joint(JointType::kFree, 1, 0, 0, {}), joint(JointType::kBall, 2, 7, 6, {})};
  out->observation = {{Source::Kind::kPosition, 2, 1.0, 0.0}, {Source::Kind::kVelocity, 2, 1.0, 0.0}};
  return spec_of(out, 11, 9);
}

at::Tensor random_states(const contract::EnvSpec& spec, int64_t rows, uint64_t seed) {
  contract::Rng rng(seed, 0, contract::Stream::kReplay);
  at::Tensor out = tensor::normal_tensor({rows, spec.nq + spec.nv}, rng);
  for (const contract::MechanicalJoint& j : spec.mechanics->joints) {
    if (j.type != JointType::kFree && j.type != JointType::kBall) continue;
    const int64_t begin = j.qpos + (j.type == JointType::kFree ? 3 : 0);
    at::Tensor quaternion = out.slice(1, begin, begin + 4);
    quaternion.div_(quaternion.square().sum(1, true).sqrt());
  }
  return out;
}

at::Tensor features_of(const contract::EnvSpec& spec, const at::Tensor& states) {
  const int64_t rows = states.size(0), width = contract::state_feature_dim(spec);
  const at::Tensor doubles = states.to(at::kDouble).contiguous();
  std::vector<float> out(rows * width);
  for (int64_t n = 0; n < rows; ++n) {
    contract::state_to_features(
        spec,
        {doubles.const_data_ptr<double>() + n * (spec.nq + spec.nv), static_cast<size_t>(spec.nq + spec.nv)},
        std::span(out).subspan(n * width, width));
  }
  return tensor::tensor_from(out, {rows, width});
}

}  // namespace reverie::worldmodel
