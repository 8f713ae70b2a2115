#include <torch/types.h>

#include "tensor/fused.h"
#include "worldmodel/joint_embedding/losses/losses.h"

namespace reverie::worldmodel {

at::Tensor consistency_loss(const Predictions& p) {
  std::vector<at::Tensor> errors;
  for (size_t t = 0; t < p.heads.size(); ++t)
    errors.push_back(tensor::ensemble_squared_error(p.heads[t], p.targets[static_cast<int64_t>(t)]));
  return (at::stack(errors) * p.weights).sum();
}

}  // namespace reverie::worldmodel
