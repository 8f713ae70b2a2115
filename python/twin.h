// A simulated episode of a run, and its dream along the same actions.
#pragma once

#include <nanobind/nanobind.h>

namespace reverie::python {

// Adds twin to the module.
void add_twin(nanobind::module_& module);

}  // namespace reverie::python
