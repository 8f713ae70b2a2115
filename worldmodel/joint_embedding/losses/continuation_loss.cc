#include <torch/types.h>

#include "worldmodel/joint_embedding/losses/losses.h"

namespace reverie::worldmodel {

at::Tensor continuation_loss(const Predictions& p) {
  const at::Tensor goes_on = 1.0 - p.batch.terminated.flatten();
  const at::Tensor error = at::binary_cross_entropy_with_logits(
      continuation_logit(p.networks, p.flat_latents, p.flat_actions), goes_on, {}, {}, at::Reduction::None);
  return (error * p.flat_weights).sum();
}

}  // namespace reverie::worldmodel
