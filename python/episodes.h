// Recorded episodes as numpy arrays.
#pragma once

#include <nanobind/nanobind.h>

namespace reverie::python {

// Adds Episode and load_episodes to the module.
void add_episodes(nanobind::module_& module);

}  // namespace reverie::python
