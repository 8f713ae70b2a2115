// Trainings started from Python.
#pragma once

#include <nanobind/nanobind.h>

namespace reverie::python {

// Adds train and resume to the module.
void add_training(nanobind::module_& module);

}  // namespace reverie::python
