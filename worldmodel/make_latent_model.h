// Makes a latent model of a named kind, from the list of kinds.
#pragma once

#include <memory>
#include <string_view>

#include "contract/env_spec.h"
#include "contract/rng.h"
#include "worldmodel/config.h"
#include "worldmodel/latent_model.h"

namespace reverie::worldmodel {

constexpr std::string_view kDefaultKind = "joint_embedding";

// A model of the environment `spec` with weights drawn from `rng`. A decision is `action_repeat` control steps. Throws
// UserError naming the nearest kind when `kind` is not in the list.
std::unique_ptr<LatentModel> make_latent_model(std::string_view kind, const contract::EnvSpec& spec,
                                               int action_repeat, const ModelConfig& config,
                                               contract::Rng& rng);

}  // namespace reverie::worldmodel
