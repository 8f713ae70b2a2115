// A policy rolled out inside the latent dynamics: what the critic's targets and the actor's objective share.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "policies/actor_critic.h"
#include "worldmodel/world_model.h"

namespace reverie {

// T imagined decisions of N rows; every entry of a vector is [N].
struct ImaginedRollout {
  std::vector<at::Tensor> rewards;       // [T] predicted
  std::vector<at::Tensor> continuation;  // [T] probability that the episode goes on; 1 without such a head
  std::vector<at::Tensor> uncertainty;   // [T] spread of the dynamics heads; empty unless asked for
  std::vector<at::Tensor> log_probs;     // [T+1] of the sampled actions
  at::Tensor latent;                     // [N, Z] after the last decision
  at::Tensor action;                     // [N, A] the policy's there
};

// From latents z [N, Z] with standard normal noise [T+1, N, A]. Gradients flow through whatever requires
// them.
ImaginedRollout imagine_policy(const WorldModel& model, const Actor& actor, const at::Tensor& z,
                               const at::Tensor& noise, bool want_uncertainty);

// Discounted sum of the rollout's rewards, each plus `uncertainty_weight` times its uncertainty, and of the
// bootstrap value [N] behind it -> [N]. A negative weight is pessimism (Yu et al. 2020, MOPO), a positive one
// looks for the unknown (Sekar et al. 2020, Plan2Explore).
at::Tensor rollout_return(const ImaginedRollout& rollout, const at::Tensor& bootstrap, double discount,
                          double uncertainty_weight);

}  // namespace reverie
