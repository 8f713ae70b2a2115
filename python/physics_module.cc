// reverie._physics: environments and episodes, without LibTorch.
#include <nanobind/nanobind.h>

#include "python/episodes.h"
#include "python/errors.h"
#include "python/physics_env.h"

NB_MODULE(_physics, module) {
  reverie::python::translate_errors();
  reverie::python::add_environments(module);
  reverie::python::add_episodes(module);
}
