// The [[override]] section: model constants that differ between tasks on one MJCF.
#pragma once

#include "sim/expression/expression_builder.h"

namespace reverie::sim {

// Applies the entries of `section` to `model`, in order. Throws UserError.
void apply_model_overrides(const TomlNode& section, const Scope& scope, mjModel* model);

}  // namespace reverie::sim
