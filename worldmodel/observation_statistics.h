// What data says of the observation, and what a new standardisation changes for networks that read latents.
#pragma once

#include <ATen/core/Tensor.h>

namespace reverie::worldmodel {

// Of all observations that a learner has, in physical units, [O] each.
struct ObservationStatistics {
  at::Tensor mean, deviation;
  at::Tensor change;     // root mean square of the change in one decision
  at::Tensor low, high;  // range
  // For models that read states: transitions of one control step, taken evenly from all that a learner has. [M, O+F]
  // observation and state features before it and behind it.
  at::Tensor rows{}, next{};
};

// The first K features x become x' with x = scale * x' + shift, [K] each. Undefined: nothing changed.
struct FeatureChange {
  at::Tensor scale, shift;
};

// The part of `change` for a network that reads the first `count` features only.
FeatureChange first_of(const FeatureChange& change, int64_t count);

// Changes a layer, weight [..., O, I] and bias [..., O], that reads x in its first K inputs, so that it gives the same
// for x'. Without gradient, in place.
void apply(const FeatureChange& change, at::Tensor& weight, at::Tensor& bias);

}  // namespace reverie::worldmodel
