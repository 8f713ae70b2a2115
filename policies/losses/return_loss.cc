// The actor's objective: imagined returns over their running range (DreamerV3, eq. 11).
#include <torch/types.h>

#include "policies/losses/losses.h"

namespace reverie::policies {

at::Tensor return_loss(const ActorInputs& in, Statistics& statistics) {
  const at::Tensor mean = in.returns.mean();
  statistics.emplace_back("actor/imagined_return", mean.detach());
  statistics.emplace_back("actor/scale", in.scale.detach());
  return -(mean / in.scale.clamp_min(1.0));
}

}  // namespace reverie::policies
