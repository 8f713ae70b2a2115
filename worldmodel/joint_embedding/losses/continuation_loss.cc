#include <torch/types.h>

#include "worldmodel/joint_embedding/losses/losses.h"

namespace reverie::worldmodel {

at::Tensor continuation_loss(const Predictions& p) {
  return continuation_cross_entropy(p.networks.outcome, p.flat_latents, p.flat_actions,
                                    p.batch.terminated.flatten(), p.flat_weights);
}

}  // namespace reverie::worldmodel
