// Numbers of the mjModel that a task file may set or randomise.
#pragma once

#include <mujoco/mujoco.h>

#include <string>
#include <vector>

#include "sim/task/toml_node.h"

namespace reverie::sim {

struct ModelField {
  std::string name;            // "dof_damping", ...
  std::vector<int> addresses;  // elements of model_array()
  std::vector<int> inertia;    // bodies whose inertia follows a scaled mass
  bool derived = false;        // mj_setConst is needed afterwards
};

// Reads `field`, `names` and `index` of an entry. Throws UserError.
ModelField read_model_field(TableReader& reader, const mjModel* model);

// The array that a field's addresses index.
double* model_array(mjModel* model, const std::string& field);

// What happens to a number: value; base * value; base + value.
enum class Change { kSet, kScale, kAdd };

// Reads `mode`: "set", "scale" or "add".
Change read_change(TableReader& reader, const char* fallback);

double changed(Change change, double base, double value);

}  // namespace reverie::sim
