#include "worldmodel/mechanics/kinematics.h"

#include "worldmodel/mechanics/kinematic_plan.h"
#include "worldmodel/mechanics/kinematics_composed.h"

namespace reverie::worldmodel {

using at::Tensor;

Kinematics::Kinematics(const contract::Mechanics& mechanics, const at::Device& device)
    : plan_(kinematic_plan(mechanics)), balls_(touch_balls(mechanics)) {
  step_constants_ = step_constants(plan_).to(device);
  ball_constants_ = ball_constants(balls_).to(device);
  ball_bodies_ = ball_bodies(balls_, bodies()).to(device);
}

BodyMotion Kinematics::move(const Tensor& qpos, const Tensor& qvel) const {
  TORCH_CHECK(qpos.dim() == 2 && qvel.dim() == 2 && qpos.size(0) == qvel.size(0) &&
                  qpos.size(1) == plan_.positions && qvel.size(1) == plan_.velocities,
              "kinematics: positions ", qpos.sizes(), " and velocities ", qvel.sizes(), ", expected [N, ",
              plan_.positions, "] and [N, ", plan_.velocities, "]");
  return composed_move(plan_, step_constants_, qpos, qvel);
}

TouchMotion Kinematics::touch(const BodyMotion& motion) const {
  TORCH_CHECK(motion.place.dim() == 3 && motion.place.size(1) == bodies(), "kinematics: places ",
              motion.place.sizes(), ", expected [N, ", bodies(), ", 3]");
  return composed_touch(ball_constants_, ball_bodies_, motion);
}

}  // namespace reverie::worldmodel
