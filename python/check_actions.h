// What Python sends to an environment must lie in its action range.
#pragma once

#include <span>

#include "contract/env_spec.h"

namespace reverie::python {

// Throws base::UserError that names row and column of the first number that is not finite or outside the range.
void check_actions(const contract::EnvSpec& spec, std::span<const float> actions);
// The same of float64, rounded to float32 as the range is: 0.7 lies within 0.7f, which is less.
void check_actions(const contract::EnvSpec& spec, std::span<const double> actions);

}  // namespace reverie::python
