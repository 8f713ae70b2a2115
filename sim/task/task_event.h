// The [[event]] section: what happens to the robot that no action causes.
#pragma once

#include <vector>

#include "sim/task/push.h"
#include "sim/task/randomisation.h"

namespace reverie::sim {

struct Events {
  std::vector<Randomisation> randomisations;
  std::vector<Push> pushes;
};

// Reads the section (nullptr: no events). Throws UserError.
Events read_events(const TomlNode* section, const Scope& scope);

}  // namespace reverie::sim
