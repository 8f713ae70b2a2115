// Layers of a latent model by their widths: what its matrix products are counted from.
#pragma once

#include <cstdint>
#include <vector>

#include "contract/env_spec.h"
#include "worldmodel/config.h"

namespace reverie::bench {

struct Layer {
  int64_t in = 0, out = 0;
  int64_t copies = 1;  // heads that run it each with weights of its own
};

struct ModelLayers {
  int64_t latent = 0;           // width of what reward, critic, actor and probe read
  std::vector<Layer> dynamics;  // of one decision
};

// Of the kinds joint_embedding and grounded. The inputs of the mechanical kind follow from a robot's joints and points
// of contact: its layers are not known here, and `latent` is 0.
ModelLayers model_layers(const contract::EnvSpec& spec, const worldmodel::ModelConfig& model);

}  // namespace reverie::bench
