// A reward for a random policy under a weight that adapts (Haarnoja et al. 2018, sec. 5).
#include <torch/types.h>

#include "policies/losses/losses.h"

namespace reverie::policies {

at::Tensor entropy_loss(const ActorInputs& in, Statistics& statistics) {
  statistics.emplace_back("actor/entropy", in.entropy.detach());
  statistics.emplace_back("actor/entropy_weight", in.entropy_weight.detach());
  return -(in.entropy_weight * in.entropy);
}

}  // namespace reverie::policies
