// Names what each number of the engine's control vector is.
// An actuator reads one number as a rule. A PID servo may read a position, a velocity and a force, an
// orientation servo a rotation, and a passive motor nothing.
#pragma once

#include <mujoco/mujoco.h>

#include <string>
#include <vector>

namespace reverie::sim {

struct Control {
  enum class Kind {
    kOnly,  // the one number of its actuator, whatever it means there
    kPosition,
    kVelocity,
    kFeedforward,  // a force or torque on top of the servo's
    kVoltage,
    kRotation,   // one of three numbers: axis times angle, rad
    kQuaternion  // one of four numbers, w x y z
  };
  int actuator = 0;
  Kind kind = Kind::kOnly;
  std::string name;  // the actuator's, and its input after a dot where it has several: "servo", "servo.vel"
};

// One for each number of ctrl [nu], in its order.
std::vector<Control> list_controls(const mjModel* model);

// What a control may be.
struct ControlRange {
  bool known = false;
  double low = -1.0, high = 1.0;  // where nothing is known, too
};
// The control range of the model; without one a muscle's [0, 1], the range of the joint or tendon whose position a
// servo holds, or what a rotation may be. `control` is a position in ctrl [nu].
ControlRange control_range(const mjModel* model, int control);

}  // namespace reverie::sim
