// The joint-embedding model behind the interface of latent models.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/rng.h"
#include "worldmodel/config.h"
#include "worldmodel/joint_embedding/joint_embedding.h"
#include "worldmodel/latent_model.h"

namespace reverie::worldmodel {

// Its state has no memory, and its uncertainty is the spread of the dynamics heads. Throws std::logic_error when
// names of losses and of weights in ModelConfig do not match.
std::unique_ptr<LatentModel> make_joint_embedding_model(JointEmbedding networks);

// New weights from `rng`; with a continuation head when the task terminates.
std::unique_ptr<LatentModel> make_joint_embedding_model(const contract::EnvSpec& spec,
                                                        const ModelConfig& config, contract::Rng& rng);

}  // namespace reverie::worldmodel
