#include "worldmodel/observation_statistics.h"

#include <torch/types.h>

namespace reverie::worldmodel {

FeatureChange first_of(const FeatureChange& change, int64_t count) {
  if (!change.scale.defined() || change.scale.size(0) <= count) return change;
  return {change.scale.slice(0, 0, count), change.shift.slice(0, 0, count)};
}

void apply(const FeatureChange& change, at::Tensor& weight, at::Tensor& bias) {
  if (!change.scale.defined()) return;
  at::NoGradGuard no_grad;
  at::Tensor columns = weight.slice(-1, 0, change.scale.size(0));
  bias.add_((columns * change.shift).sum(-1));
  columns.mul_(change.scale);
}

}  // namespace reverie::worldmodel
