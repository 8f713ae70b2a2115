// The [[actuator]] section: motors or servos for an MJCF that has none.
#pragma once

#include <mujoco/mujoco.h>

#include "sim/task/toml_node.h"

namespace reverie::sim {

// Adds one actuator for every hinge and slide that an entry's patterns name, in the MJCF's joint order. Entry: type
// ("motor", "position", "velocity"), joints, kp, kd, gear, ctrlrange, forcerange. Throws UserError.
void add_actuators(const TomlNode& section, mjSpec* spec);

}  // namespace reverie::sim
