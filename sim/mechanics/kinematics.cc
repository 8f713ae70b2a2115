#include "sim/mechanics/kinematics.h"

#include "sim/model.h"

namespace reverie::sim {
namespace {

contract::JointType joint_type(int type) {
  switch (type) {
    case mjJNT_FREE:
      return contract::JointType::kFree;
    case mjJNT_BALL:
      return contract::JointType::kBall;
    case mjJNT_SLIDE:
      return contract::JointType::kSlide;
    default:
      return contract::JointType::kHinge;
  }
}

}  // namespace

std::array<double, 3> triple(const double* values) { return {values[0], values[1], values[2]}; }

std::vector<contract::MechanicalBody> list_bodies(const mjModel* model) {
  std::vector<contract::MechanicalBody> out;
  for (int b = 0; b < model->nbody; ++b) {
    contract::MechanicalBody body;
    body.name = object_name(model, mjOBJ_BODY, b);
    body.parent = model->body_parentid[b];
    body.position = triple(model->body_pos + int64_t{3} * b);
    const double* quat = model->body_quat + int64_t{4} * b;
    body.orientation = {quat[0], quat[1], quat[2], quat[3]};
    body.joints = model->body_jntnum[b];
    body.first_joint = body.joints > 0 ? model->body_jntadr[b] : 0;
    out.push_back(std::move(body));
  }
  return out;
}

std::vector<contract::MechanicalJoint> list_joints(const mjModel* model) {
  const bool limits = (model->opt.disableflags & (mjDSBL_CONSTRAINT | mjDSBL_LIMIT)) == 0;
  std::vector<contract::MechanicalJoint> out;
  for (int j = 0; j < model->njnt; ++j) {
    contract::MechanicalJoint joint;
    joint.name = object_name(model, mjOBJ_JOINT, j);
    joint.type = joint_type(model->jnt_type[j]);
    joint.body = model->jnt_bodyid[j];
    joint.qpos = model->jnt_qposadr[j];
    joint.qvel = model->jnt_dofadr[j];
    if (joint.type != contract::JointType::kFree) joint.place = triple(model->jnt_pos + int64_t{3} * j);
    if (joint.type == contract::JointType::kSlide || joint.type == contract::JointType::kHinge) {
      joint.axis = triple(model->jnt_axis + int64_t{3} * j);
      joint.reference = model->qpos0[joint.qpos];
      joint.limited = limits && model->jnt_limited[j] != 0;
      const double* range = model->jnt_range + int64_t{2} * j;
      if (joint.limited) joint.low = range[0], joint.high = range[1];
    }
    out.push_back(std::move(joint));
  }
  return out;
}

bool follows_positions(const mjModel* model, int body) {
  return model->body_weldid[body] != 0 && model->body_mocapid[model->body_rootid[body]] < 0;
}

std::vector<bool> carried_by(const mjModel* model, int body) {
  std::vector<bool> out(static_cast<size_t>(model->nbody));
  for (int b = 1; b < model->nbody; ++b) out[b] = b == body || out[model->body_parentid[b]];
  return out;
}

}  // namespace reverie::sim
