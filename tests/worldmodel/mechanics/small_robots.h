// Two small robots for tests of the mechanical model, as plain mechanics.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "contract/env_spec.h"
#include "contract/mechanics.h"

namespace reverie::worldmodel {

// A planar leg over a floor: the root slides along x and z and turns about y, a limited knee turns about y. Observed are
// z, the sine of the lean, the knee, the knee's speed, the knee's height and one number that nothing explains. x is
// ignored.
contract::EnvSpec leg();

// A body that floats and turns freely, with a ball joint on it. Observed are its height and its speed of fall.
contract::EnvSpec floater();

// qpos and qvel [N, nq + nv] drawn at random, quaternions of length 1; their features [N, F].
at::Tensor random_states(const contract::EnvSpec& spec, int64_t rows, uint64_t seed);
at::Tensor features_of(const contract::EnvSpec& spec, const at::Tensor& states);

}  // namespace reverie::worldmodel
