// Runs in Python: their policy, the functions of their world model, evaluation.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include <filesystem>
#include <string>

#include "policies/model_functions.h"
#include "python/errors.h"
#include "training/run.h"

namespace reverie::python {

struct OpenRun {
  OpenRun(const std::filesystem::path& path, const std::string& checkpoint, const std::string& device);

  Owner owner;
  training::Run run;
  policies::ModelFunctions model;
};

// Adds OpenRun and evaluate to the module.
void add_runs(nanobind::module_& module);

}  // namespace reverie::python
