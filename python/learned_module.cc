// reverie._learned: runs, dreams, trainings and evaluations. Needs LibTorch.
#include <nanobind/nanobind.h>

#include "python/dream.h"
#include "python/errors.h"
#include "python/run.h"
#include "python/train.h"
#include "python/twin.h"
#include "tensor/device.h"

NB_MODULE(_learned, module) {
  reverie::python::translate_errors();
  reverie::python::add_runs(module);
  reverie::python::add_dream(module);
  reverie::python::add_training(module);
  reverie::python::add_twin(module);
  module.def("set_threads", &reverie::tensor::set_learner_threads, nanobind::arg("threads"));
}
