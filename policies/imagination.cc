#include "policies/imagination.h"

#include <torch/types.h>

#include "policies/returns.h"
#include "worldmodel/fused.h"

namespace reverie {

ImaginedRollout imagine_policy(const WorldModel& model, const Actor& actor, const at::Tensor& z,
                               const at::Tensor& noise, bool want_uncertainty) {
  const int64_t steps = noise.size(0) - 1;
  ImaginedRollout out;
  out.latent = z;
  for (int64_t k = 0; k < steps; ++k) {
    const SampledAction sample = sample_action(actor, out.latent, noise[k]);
    out.rewards.push_back(predicted_reward(model, out.latent, sample.action));
    out.continuation.push_back(model.has_continuation
                                   ? continuation_logit(model, out.latent, sample.action).sigmoid()
                                   : at::ones_like(out.rewards.back()));
    out.log_probs.push_back(sample.log_prob);
    const at::Tensor heads = next_latent_heads(model, out.latent, sample.action);  // [E, N, Z]
    if (want_uncertainty) out.uncertainty.push_back(disagreement(heads));
    out.latent = ensemble_mean(heads);
  }
  const SampledAction last = sample_action(actor, out.latent, noise[steps]);
  out.action = last.action;
  out.log_probs.push_back(last.log_prob);
  return out;
}

at::Tensor rollout_return(const ImaginedRollout& rollout, const at::Tensor& bootstrap, double discount,
                          double uncertainty_weight) {
  if (rollout.rewards.empty()) return bootstrap;
  at::Tensor rewards = at::stack(rollout.rewards);  // [T, N]
  if (!rollout.uncertainty.empty()) rewards = rewards + uncertainty_weight * at::stack(rollout.uncertainty);
  return n_step_return(rewards, at::stack(rollout.continuation), bootstrap, discount);
}

}  // namespace reverie
