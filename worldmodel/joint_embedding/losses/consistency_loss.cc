#include <torch/types.h>

#include "worldmodel/joint_embedding/losses/losses.h"

namespace reverie::worldmodel {

at::Tensor consistency_loss(const Predictions& p) {
  return feature_consistency(p.heads, p.targets, p.weights);
}

}  // namespace reverie::worldmodel
