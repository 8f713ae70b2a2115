// The matrix products of one learning update, as a list of shapes.
// They bound the speed: an update cannot be faster than its products.
#pragma once

#include <cstdint>
#include <vector>

#include "contract/env_spec.h"
#include "policies/config.h"
#include "worldmodel/config.h"

namespace reverie::bench {

// A linear layer [rows, in] -> [rows, out] as an update uses it; counts may be fractions of an update.
struct UpdateProducts {
  int64_t rows = 0, in = 0, out = 0;
  double forward = 0.0;          // [rows, in] x [in, out]
  double input_gradient = 0.0;   // [rows, out] x [out, in]
  double weight_gradient = 0.0;  // [out, rows] x [rows, in]

  double flops() const {  // of all of them, 2 a multiplication and its addition
    return 2.0 * static_cast<double>(rows * in * out) * (forward + input_gradient + weight_gradient);
  }
};

// Mirrors Learner::update: the model loss, the critic's targets, the actor's imagination and the probe. Empty for the mechanical
// kind, whose layers are not known here (bench/model_layers.h).
std::vector<UpdateProducts> products_of_update(const contract::EnvSpec& spec,
                                               const worldmodel::ModelConfig& model,
                                               const policies::LearnerConfig& learner);

}  // namespace reverie::bench
