// What the weights of a Learner descend: losses on its inputs, and their gradients.
#include <torch/types.h>

#include "policies/imagination.h"
#include "policies/learner_impl.h"
#include "policies/returns.h"
#include "tensor/fused.h"

namespace reverie::policies {

// Minimum over the two critics that were drawn (REDQ; TD-MPC2): values [C, N] -> [N].
at::Tensor Learner::Impl::smallest_of_two(const at::Tensor& values) const {
  return values.index_select(0, inputs.critic_pair).amin(0);
}

// Squared distance of the policy's mean actions to the recorded ones (Fujimoto & Gu 2021, TD3+BC). starts [N,
// Z] are the embeddings of o_0, then o_1, ...; a_t was taken at o_t.
at::Tensor Learner::Impl::behaviour_loss(const at::Tensor& starts) const {
  const at::Tensor recorded =
      inputs.batch.actions.flatten(0, 1).slice(0, 0, starts.size(0));  // [M, A], M <= N
  const at::Tensor mask = inputs.batch.mask.flatten().slice(0, 0, starts.size(0));
  const at::Tensor chosen = mean_action(agent->impl().actor, starts.slice(0, 0, recorded.size(0)));
  return ((chosen - recorded).square().mean(-1) * mask).mean();
}

// Targets at the true next embeddings: what the current policy earns there in `value_expansion` imagined
// decisions, then the target critic (Feinberg et al. 2018). next_latents [H, B, Z] -> [H*B].
at::Tensor Learner::Impl::critic_targets(const at::Tensor& next_latents) const {
  at::NoGradGuard no_grad;
  const Agent::Impl& a = agent->impl();
  const at::Tensor z = next_latents.flatten(0, 1);
  const ImaginedRollout rollout =
      imagine_policy(a.model, a.actor, z, inputs.target_noise, config.uncertainty_weight != 0.0);
  const at::Tensor bootstrap =
      smallest_of_two(critic_values(a.target_critic, rollout.latent, rollout.action));
  const at::Tensor value = rollout_return(rollout, bootstrap, config.discount, config.uncertainty_weight);
  return td_target(inputs.batch.rewards.flatten(), inputs.batch.terminated.flatten(), value, config.discount);
}

at::Tensor Learner::Impl::critic_loss(const worldmodel::Unrolled& unrolled, const at::Tensor& targets) const {
  const Agent::Impl& a = agent->impl();
  const at::Tensor logits = critic_logits(a.critic, unrolled.latents.flatten(0, 1),
                                          inputs.batch.actions.flatten(0, 1));  // [C, H*B, bins]
  const at::Tensor error =
      tensor::two_hot_cross_entropy(logits, targets, a.critic.bin_low, a.critic.bin_high).mean(0);
  return (error * worldmodel::step_weights(inputs.batch.mask, a.model.config.rho).flatten()).sum();
}

Learner::Impl::ModelPass Learner::Impl::model_gradient() {
  const Agent::Impl& a = agent->impl();
  const worldmodel::ModelConfig& c = a.model.config;
  model_optimizer.zero_gradients();
  ModelPass pass;
  pass.unrolled = worldmodel::unroll(a.model, inputs.batch);
  pass.value = critic_loss(pass.unrolled, critic_targets(pass.unrolled.targets));
  pass.loss = c.consistency_weight * pass.unrolled.consistency + c.reward_weight * pass.unrolled.reward +
              c.value_weight * pass.value;
  if (a.model.has_continuation) pass.loss = pass.loss + c.continuation_weight * pass.unrolled.continuation;
  pass.loss.backward();
  worldmodel::Unrolled& u = pass.unrolled;
  for (at::Tensor* t : {&pass.loss, &pass.value, &u.latents, &u.consistency, &u.reward, &u.continuation}) {
    if (t->defined()) *t = t->detach();
  }
  return pass;
}

// Replayed latents, first rows of the sequences first; the dream starts where the data is. [N, Z]
at::Tensor Learner::Impl::dream_starts() const {
  at::NoGradGuard no_grad;
  return worldmodel::encode(dream,
                            inputs.batch.observations.flatten(0, 1).slice(0, 0, config.imagination_batch));
}

// Gradients flow from imagined rewards and the final value through the frozen dynamics into the actor.
Learner::Impl::ActorPass Learner::Impl::actor_gradient() {
  const Agent::Impl& a = agent->impl();
  const at::Tensor starts = dream_starts();
  actor_optimizer.zero_gradients();
  const ImaginedRollout rollout =
      imagine_policy(dream, a.actor, starts, inputs.dream_noise, config.uncertainty_weight != 0.0);
  const at::Tensor bootstrap = critic_values(dream_critic, rollout.latent, rollout.action).mean(0);  // [N]
  ActorPass pass;
  pass.returns = rollout_return(rollout, bootstrap, config.discount, config.uncertainty_weight);
  pass.scale = scale + config.scale_rate * (percentile_range(pass.returns) - scale);
  pass.entropy = -at::stack(rollout.log_probs).mean();
  pass.entropy_weight =
      config.entropy_rate > 0.0 ? log_entropy_weight.exp() : at::full_like(scale, config.entropy_weight);
  at::Tensor loss = -(pass.returns.mean() / pass.scale.clamp_min(1.0)) - pass.entropy_weight * pass.entropy;
  if (config.behaviour_weight > 0.0) loss = loss + config.behaviour_weight * behaviour_loss(starts);
  loss.backward();
  pass.returns = pass.returns.detach();
  pass.entropy = pass.entropy.detach();
  return pass;
}

// On embeddings of what was seen and on predicted latents alike: the ghost is drawn from predictions.
at::Tensor Learner::Impl::probe_gradient() {
  const worldmodel::Batch& batch = inputs.batch;
  const worldmodel::Unrolled& unrolled = result.model.unrolled;
  const at::Tensor targets = at::cat({batch.observations, batch.states}, -1);  // [H+1, B, D]
  const at::Tensor predicted = at::cat({unrolled.latents.slice(0, 1), unrolled.last.unsqueeze(0)});
  const at::Tensor latents = at::cat({unrolled.latents[0].unsqueeze(0), unrolled.targets, predicted});
  const at::Tensor wanted = at::cat({targets, targets.slice(0, 1)});
  const at::Tensor mask = at::cat({at::ones_like(batch.mask.slice(0, 0, 1)), batch.mask, batch.mask});
  const at::Tensor weight = (mask / static_cast<double>(mask.numel())).flatten();
  probe_optimizer.zero_gradients();
  const at::Tensor loss =
      worldmodel::probe_loss(agent->impl().probe, latents.flatten(0, 1), wanted.flatten(0, 1), weight);
  loss.backward();
  return loss.detach();
}

}  // namespace reverie::policies
