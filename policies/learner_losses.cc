// The gradients of a Learner: sums of losses on its inputs.
#include <torch/types.h>

#include "policies/imagination.h"
#include "policies/learner_impl.h"
#include "policies/returns.h"

namespace reverie::policies {

// The dream starts where the data is: at the first rows of the batch, time first.
worldmodel::LatentState Learner::Impl::dream_starts() const {
  at::NoGradGuard no_grad;
  return dream->observe({inputs.batch.observations, inputs.batch.actions, {}, inputs.batch.states},
                        config.imagination_batch);
}

Learner::Impl::ModelPass Learner::Impl::model_gradient() {
  const Agent::Impl& a = agent->impl();
  model_optimizer.zero_gradients();
  const at::Tensor weights = worldmodel::step_weights(inputs.batch.mask, a.config.rho);
  const worldmodel::Unrolled unrolled = (model_learns() ? *a.model : *dream).unroll(inputs.batch, weights);
  ModelPass pass;
  for (const worldmodel::Loss& loss : unrolled.losses)
    pass.statistics.emplace_back("model/" + loss.name, loss.value.detach());
  std::vector<worldmodel::Loss> losses;
  if (model_learns()) losses = unrolled.losses;
  if (policy_learns()) {
    CriticInputs critic_inputs{a, config, inputs, unrolled, weights, {}};
    if (!model_learns()) critic_inputs.starts = dream_starts();
    for (const CriticLoss& term : critic_terms)
      losses.push_back({term.name, term.value(critic_inputs, pass.statistics)});
  }
  const at::Tensor sum = worldmodel::weighted_sum(losses, model_weights);
  sum.backward();
  if (model_learns()) pass.statistics.emplace_back("model/loss", sum.detach());
  pass.latents = unrolled.latents.detach();
  pass.targets = unrolled.targets.features.view_as(pass.latents);
  pass.last = unrolled.last;
  return pass;
}

// What the actor maximises, [N]. Shorter returns rest on the critic earlier, where long ones pass through contacts.
at::Tensor Learner::Impl::objective_of(const ImaginedRollout& rollout) const {
  if (config.imagination_lambda == 1.0 || rollout.actions.empty()) {
    const at::Tensor bootstrap =
        critic_values(dream_critic, rollout.state.features, rollout.action).mean(0);  // [N]
    return rollout_return(rollout, bootstrap, config.discount, config.uncertainty_weight);
  }
  std::vector<at::Tensor> features = rollout.features, actions = rollout.actions;
  features.push_back(rollout.state.features);
  actions.push_back(rollout.action);
  const int64_t rows = rollout.action.size(0);
  const at::Tensor values =
      critic_values(dream_critic, at::cat(features).slice(0, rows), at::cat(actions).slice(0, rows)).mean(0);
  return rollout_lambda_return(rollout, values.view({-1, rows}), config.discount, config.imagination_lambda,
                               config.uncertainty_weight);
}

// Gradients flow from imagined rewards and the final value through the frozen dynamics into the actor.
Learner::Impl::ActorPass Learner::Impl::actor_gradient() {
  const Agent::Impl& a = agent->impl();
  const worldmodel::LatentState starts = dream_starts();
  actor_optimizer.zero_gradients();
  const ImaginedRollout rollout =
      imagine_policy(*dream, a.actor, starts, inputs.dream_noise, config.uncertainty_weight != 0.0);
  const at::Tensor returns = objective_of(rollout);
  ActorPass pass;
  pass.scale = scale + config.scale_rate * (percentile_range(returns) - scale);
  const at::Tensor entropy = -at::stack(rollout.log_probs).mean();
  pass.entropy = entropy.detach();
  const at::Tensor entropy_weight =
      config.entropy_rate > 0.0 ? log_entropy_weight.exp() : at::full_like(scale, config.entropy_weight);
  const at::Tensor seen = worldmodel::seen_of(*dream, starts.features);
  const ActorInputs actor_inputs{a, config, inputs, seen, returns, pass.scale, entropy, entropy_weight};
  std::vector<worldmodel::Loss> losses;
  losses.reserve(actor_terms.size());
  for (const ActorLoss& term : actor_terms)
    losses.push_back({term.name, term.value(actor_inputs, pass.statistics)});
  worldmodel::weighted_sum(losses, actor_weights).backward();
  return pass;
}

// On embeddings of what was seen and on predicted latents alike: the ghost is drawn from predictions.
at::Tensor Learner::Impl::probe_gradient() {
  const worldmodel::Batch& batch = inputs.batch;
  const ModelPass& model = result.model;
  const at::Tensor targets = at::cat({batch.observations, batch.states}, -1);  // [H+1, B, D]
  const at::Tensor predicted = at::cat({model.latents.slice(0, 1), model.last.unsqueeze(0)});
  const at::Tensor latents = at::cat({model.latents[0].unsqueeze(0), model.targets, predicted});
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
