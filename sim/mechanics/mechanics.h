// Reads from a model how its bodies move and what they can touch.
// It also finds out which numbers of a task's observation are single positions, velocities or body poses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contract/mechanics.h"
#include "sim/task/task_impl.h"
#include "sim/task/toml_node.h"

namespace reverie::sim {

// What a task file's [mechanics] decides. What it leaves open follows from the model.
struct MechanicsChoices {
  std::optional<std::vector<int>> ignored;  // joints
  std::optional<std::vector<int>> touch;    // geoms
  TomlPosition ignored_position, touch_position;
};

// `section` is [mechanics], or nullptr. Throws UserError.
MechanicsChoices read_mechanics_choices(const TomlNode* section, const mjModel* model);

// `task` is complete but for spec.mechanics. It is looked at in random states of an mjData of its own, so nothing
// else changes. A model with more than 1,000 degrees of freedom is not tried, nor one that the engine refuses to
// compute in these states: every source is kOther then, and nothing is ignored unless the task file says so. At
// most 16 positions are found that can be ignored. Throws UserError for choices that the model contradicts.
contract::Mechanics make_mechanics(const Task::Impl& task, const MechanicsChoices& choices);

}  // namespace reverie::sim
