// The grounded model behind the interface of latent models.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/rng.h"
#include "worldmodel/config.h"
#include "worldmodel/latent_model.h"

namespace reverie::worldmodel {

// New weights from `rng`; with a continuation head when the task terminates. Its state has no memory, it holds the
// observation itself, and its uncertainty is the spread of the heads' features u.
std::unique_ptr<LatentModel> make_grounded_model(const contract::EnvSpec& spec, const ModelConfig& config,
                                                 contract::Rng& rng);

}  // namespace reverie::worldmodel
