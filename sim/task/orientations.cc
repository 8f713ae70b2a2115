#include "sim/task/orientations.h"

#include <cmath>
#include <string_view>

#include "base/error.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

constexpr double kRounding = 1e-12, kShortest = 1e-9;

// False when `quat` has no direction.
bool normalise(double* quat) {
  const double length = std::hypot(std::hypot(quat[0], quat[1]), std::hypot(quat[2], quat[3]));
  if (!(length > kShortest) || !std::isfinite(length)) return false;
  if (std::abs(length - 1.0) <= kRounding) return true;
  for (int k = 0; k < 4; ++k) quat[k] /= length;
  return true;
}

[[noreturn]] void refuse(const mjModel* model, int type, int id, const double* quat,
                         const std::string& where) {
  const std::string name = object_name(model, type, id);
  base::throw_user_error("{}: {} '{}': expected an orientation (a quaternion), found {:g} {:g} {:g} {:g}",
                         where, object_type_name(type), name.empty() ? fmt::format("#{}", id) : name, quat[0],
                         quat[1], quat[2], quat[3]);
}

}  // namespace

void normalise_joint_orientations(const mjModel* model, double* qpos, const std::string& where) {
  for (int joint = 0; joint < model->njnt; ++joint) {
    const int type = model->jnt_type[joint];
    if (type != mjJNT_FREE && type != mjJNT_BALL) continue;
    double* quat = qpos + model->jnt_qposadr[joint] + (type == mjJNT_FREE ? 3 : 0);
    if (!normalise(quat)) refuse(model, mjOBJ_JOINT, joint, quat, where);
  }
}

void normalise_reference_orientations(mjModel* model, const std::string& where) {
  normalise_joint_orientations(model, model->qpos0, where + " of qpos0");
  normalise_joint_orientations(model, model->qpos_spring, where + " of qpos_spring");
}

void normalise_mocap_orientations(const mjModel* model, double* quats, const std::string& where) {
  for (int body = 0; body < model->nbody; ++body) {
    const int mocap = model->body_mocapid[body];
    if (mocap < 0) continue;
    double* quat = quats + int64_t{4} * mocap;
    if (!normalise(quat)) refuse(model, mjOBJ_BODY, body, quat, where);
  }
}

}  // namespace reverie::sim
