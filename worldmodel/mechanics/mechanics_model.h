// The mechanical model behind the interface of latent models.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/rng.h"
#include "worldmodel/config.h"
#include "worldmodel/latent_model.h"

namespace reverie::worldmodel {

// New weights from `rng`; with a continuation head when the task terminates. It reads positions and velocities, and the
// actor only what follows from observations. Memory holds positions on which nothing depends. Its uncertainty is the
// spread of the heads' features u. Throws UserError when nothing is known of the robot's mechanics.
std::unique_ptr<LatentModel> make_mechanics_model(const contract::EnvSpec& spec, int action_repeat,
                                                  const ModelConfig& config, contract::Rng& rng);

}  // namespace reverie::worldmodel
