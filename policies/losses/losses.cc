#include "policies/losses/losses.h"

namespace reverie::policies {

std::vector<CriticLoss> critic_losses() {
  return {
      {"value", value_loss},
  };
}

std::vector<ActorLoss> actor_losses() {
  return {
      {.name = "return", .value = return_loss, .weighted = false},
      {.name = "entropy", .value = entropy_loss, .weighted = false},
      {"behaviour", behaviour_loss},
  };
}

}  // namespace reverie::policies
