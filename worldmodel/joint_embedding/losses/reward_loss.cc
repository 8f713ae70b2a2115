#include <torch/types.h>

#include "tensor/fused.h"
#include "worldmodel/joint_embedding/losses/losses.h"

namespace reverie::worldmodel {

at::Tensor reward_loss(const Predictions& p) {
  const ModelConfig& config = p.networks.config;
  const at::Tensor error =
      tensor::two_hot_cross_entropy(reward_logits(p.networks, p.flat_latents, p.flat_actions),
                                    p.batch.rewards.flatten(), config.bin_low, config.bin_high);
  return (error * p.flat_weights).sum();
}

}  // namespace reverie::worldmodel
