#include "policies/imagination.h"

#include <torch/types.h>

#include <utility>

#include "policies/returns.h"
#include "tensor/fused.h"

namespace reverie::policies {

ImaginedRollout imagine_actions(const worldmodel::WorldModel& model, const at::Tensor& z, int64_t steps,
                                const ActionChoice& choose, bool want_uncertainty) {
  ImaginedRollout out;
  out.latent = z;
  for (int64_t k = 0; k < steps; ++k) {
    const at::Tensor action = choose(k, out.latent);
    out.rewards.push_back(worldmodel::predicted_reward(model, out.latent, action));
    out.continuation.push_back(model.has_continuation
                                   ? worldmodel::continuation_logit(model, out.latent, action).sigmoid()
                                   : at::ones_like(out.rewards.back()));
    const at::Tensor heads = worldmodel::next_latent_heads(model, out.latent, action);  // [E, N, Z]
    if (want_uncertainty) out.uncertainty.push_back(worldmodel::disagreement(heads));
    out.latent = tensor::ensemble_mean(heads);
  }
  return out;
}

ImaginedRollout imagine_policy(const worldmodel::WorldModel& model, const Actor& actor, const at::Tensor& z,
                               const at::Tensor& noise, bool want_uncertainty) {
  const int64_t steps = noise.size(0) - 1;
  std::vector<at::Tensor> log_probs;
  const ActionChoice sample = [&](int64_t k, const at::Tensor& latent) {
    const SampledAction sampled = sample_action(actor, latent, noise[k]);
    log_probs.push_back(sampled.log_prob);
    return sampled.action;
  };
  ImaginedRollout out = imagine_actions(model, z, steps, sample, want_uncertainty);
  out.action = sample(steps, out.latent);
  out.log_probs = std::move(log_probs);
  if (want_uncertainty)
    out.uncertainty.push_back(
        worldmodel::disagreement(worldmodel::next_latent_heads(model, out.latent, out.action)));
  return out;
}

at::Tensor rollout_return(const ImaginedRollout& rollout, const at::Tensor& bootstrap, double discount,
                          double uncertainty_weight) {
  std::vector<at::Tensor> rewards = rollout.rewards;
  at::Tensor last = bootstrap;
  for (size_t k = 0; k < rollout.uncertainty.size(); ++k) {
    at::Tensor& value = k < rewards.size() ? rewards[k] : last;
    value = value + uncertainty_weight * rollout.uncertainty[k];
  }
  if (rewards.empty()) return last;
  return n_step_return(at::stack(rewards), at::stack(rollout.continuation), last, discount);
}

}  // namespace reverie::policies
