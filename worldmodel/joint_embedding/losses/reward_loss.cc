#include <torch/types.h>

#include "worldmodel/joint_embedding/losses/losses.h"

namespace reverie::worldmodel {

at::Tensor reward_loss(const Predictions& p) {
  return reward_cross_entropy(p.networks.outcome, p.flat_latents, p.flat_actions, p.batch.rewards.flatten(),
                              p.flat_weights);
}

}  // namespace reverie::worldmodel
