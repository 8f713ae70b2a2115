// Rolls actions out inside the latent dynamics.
// Critic targets, the actor's objective and the planner share these functions.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "policies/actor_critic.h"
#include "worldmodel/latent_model.h"

namespace reverie::policies {

// T imagined decisions of N rows; an entry of a vector is [N] unless another shape is given.
struct ImaginedRollout {
  std::vector<at::Tensor> features,
      actions;              // [T] each: [N, Z] before every decision, and what was done there [N, A]
  at::Tensor rewards;       // [T, N] predicted; undefined without decisions
  at::Tensor continuation;  // [T, N] probability that the episode goes on; 1 without such a head
  // The model's uncertainty, empty unless asked for: [T], and a policy's [T+1], of `action` too.
  std::vector<at::Tensor> uncertainty;
  worldmodel::LatentState state;  // N rows, after the last decision

  // These two are filled by imagine_policy only.
  std::vector<at::Tensor> log_probs;  // [T+1] of the sampled actions
  at::Tensor action;                  // [N, A] in `state`
};

// The action [N, A] of decision k where the actor sees z [N, S] (LatentModel::seen_dim()).
using ActionChoice = std::function<at::Tensor(int64_t k, const at::Tensor& z)>;

// `steps` decisions from the N rows of `start`. Gradients flow through whatever requires them.
ImaginedRollout imagine_actions(const worldmodel::LatentModel& model, const worldmodel::LatentState& start,
                                int64_t steps, const ActionChoice& choose, bool want_uncertainty);

// T decisions with the actor's sampled actions, from standard normal noise [T+1, N, A].
ImaginedRollout imagine_policy(const worldmodel::LatentModel& model, const Actor& actor,
                               const worldmodel::LatentState& start, const at::Tensor& noise,
                               bool want_uncertainty);

// Discounted sum of the rollout's rewards and of the bootstrap value [N] behind them, each plus
// `uncertainty_weight` times its uncertainty where that was asked for -> [N]. A negative weight is pessimism
// (Yu et al. 2020, MOPO), a positive one looks for the unknown (Sekar et al. 2020, Plan2Explore).
at::Tensor rollout_return(const ImaginedRollout& rollout, const at::Tensor& bootstrap, double discount,
                          double uncertainty_weight);

// The same as a mixture of returns of all lengths (lambda_return()), where `values` [T, N] are of the states behind the
// decisions and each has the uncertainty of what is done there.
at::Tensor rollout_lambda_return(const ImaginedRollout& rollout, const at::Tensor& values, double discount,
                                 double lambda, double uncertainty_weight);

}  // namespace reverie::policies
