// The critic's loss: two-hot cross entropy against one-step targets.
#include <torch/types.h>

#include "policies/losses/losses.h"
#include "policies/returns.h"
#include "tensor/fused.h"

namespace reverie::policies {
namespace {

// Targets at the true next states: what the current policy earns there in `value_expansion` imagined decisions,
// then the target critics, the smaller of the two that were drawn (REDQ; TD-MPC2; Feinberg et al. 2018). [H*B]
at::Tensor critic_targets(const CriticInputs& in) {
  at::NoGradGuard no_grad;
  const Agent::Impl& a = in.agent;
  const LearnerConfig& c = in.config;
  const ImaginedRollout rollout = imagine_policy(*a.model, a.actor, in.unrolled.targets,
                                                 in.update.target_noise, c.uncertainty_weight != 0.0);
  const at::Tensor values =
      critic_values(a.target_critic, rollout.state.features, rollout.action);  // [C, H*B]
  const at::Tensor bootstrap = values.index_select(0, in.update.critic_pair).amin(0);
  const at::Tensor value = rollout_return(rollout, bootstrap, c.discount, c.uncertainty_weight);
  return td_target(in.update.batch.rewards.flatten(), in.update.batch.terminated.flatten(), value,
                   c.discount);
}

}  // namespace

at::Tensor value_loss(const CriticInputs& in, Statistics& statistics) {
  const Critic& critic = in.agent.critic;
  const at::Tensor targets = critic_targets(in);
  const at::Tensor logits = critic_logits(critic, in.unrolled.latents.flatten(0, 1),
                                          in.update.batch.actions.flatten(0, 1));  // [C, H*B, bins]
  const at::Tensor error =
      tensor::two_hot_cross_entropy(logits, targets, critic.bin_low, critic.bin_high).mean(0);
  const at::Tensor loss = (error * in.weights.flatten()).sum();
  statistics.emplace_back("critic/loss", loss.detach());
  return loss;
}

}  // namespace reverie::policies
