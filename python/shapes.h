// What a task's bodies look like and where they are, for recordings that others draw.
#pragma once

#include <nanobind/nanobind.h>

#include "sim/task/task.h"

namespace reverie::python {

// Adds shapes, body_names, body_poses and extent to Task.
void add_shapes(nanobind::class_<sim::Task>& task);

}  // namespace reverie::python
