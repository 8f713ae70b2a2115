// From the mechanics of a robot to the steps that compute its motion.
// Internal to worldmodel/mechanics/.
#pragma once

#include <vector>

#include "contract/mechanics.h"
#include "tensor/kernels/kinematic_steps.h"

namespace reverie::worldmodel {

// Throws c10::Error when bodies and joints do not fit each other.
tensor::kernels::KinematicPlan kinematic_plan(const contract::Mechanics& mechanics);

// Throws c10::Error for a body or a surface that is not there.
std::vector<tensor::kernels::TouchBall> touch_balls(const contract::Mechanics& mechanics);

}  // namespace reverie::worldmodel
