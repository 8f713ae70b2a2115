// Recordings of simulated episodes of a run and of its dream along the same actions.
#pragma once

#include <nanobind/nanobind.h>

namespace reverie::python {

// Adds record to the module.
void add_twin(nanobind::module_& module);

}  // namespace reverie::python
