#include "policies/losses/losses.h"

namespace reverie::policies {

// Each is defined in the file of its name and declared only here.
at::Tensor value_loss(const CriticInputs& in, Statistics& statistics);
at::Tensor dreamed_value_loss(const CriticInputs& in, Statistics& statistics);
at::Tensor return_loss(const ActorInputs& in, Statistics& statistics);
at::Tensor entropy_loss(const ActorInputs& in, Statistics& statistics);
at::Tensor behaviour_loss(const ActorInputs& in, Statistics& statistics);

std::vector<CriticLoss> critic_losses(bool frozen) {
  std::vector<CriticLoss> losses = {
      {"value", value_loss},
  };
  if (frozen) losses.push_back({.name = "dreamed_value", .value = dreamed_value_loss, .weighted = false});
  return losses;
}

std::vector<ActorLoss> actor_losses() {
  return {
      {.name = "return", .value = return_loss, .weighted = false},
      {.name = "entropy", .value = entropy_loss, .weighted = false},
      {"behaviour", behaviour_loss},
  };
}

}  // namespace reverie::policies
