#include "worldmodel/grounded/losses.h"

#include <torch/types.h>

#include "tensor/fused.h"

namespace reverie::worldmodel {
namespace {

// Mean over the heads of the root mean square error of s, in units of its usual change. It is the norm and not its
// square: impacts make the error heavy-tailed, and squares would spend the model on them.
at::Tensor observation_loss(const GroundedPredictions& p) {
  std::vector<at::Tensor> changes;
  changes.reserve(p.heads.size());
  for (const NextHeads& heads : p.heads) changes.push_back(heads.change);
  const int64_t dims = p.networks.observation_dim();
  const at::Tensor moved =
      (p.targets.slice(2, 0, dims) - p.latents.slice(2, 0, dims)) / p.networks.scale.change;
  const at::Tensor errors =
      tensor::ensemble_root_error(at::cat(changes, 1), moved.flatten(0, 1));  // [H*B], time first
  return (errors * p.weights.flatten()).sum();
}

// Squared error of every head's next features.
at::Tensor consistency_loss(const GroundedPredictions& p) {
  std::vector<at::Tensor> features;
  features.reserve(p.heads.size());
  for (const NextHeads& heads : p.heads) features.push_back(heads.features);
  return feature_consistency(features, p.targets.slice(2, p.networks.observation_dim()), p.weights);
}

at::Tensor reward_loss(const GroundedPredictions& p) {
  return reward_cross_entropy(p.networks.outcome, p.latents.flatten(0, 1), p.batch.actions.flatten(0, 1),
                              p.batch.rewards.flatten(), p.weights.flatten());
}

at::Tensor continuation_loss(const GroundedPredictions& p) {
  return continuation_cross_entropy(p.networks.outcome, p.latents.flatten(0, 1),
                                    p.batch.actions.flatten(0, 1), p.batch.terminated.flatten(),
                                    p.weights.flatten());
}

}  // namespace

GroundedPredictions predict(const Grounded& networks, const Batch& batch, const at::Tensor& weights) {
  const int64_t horizon = batch.actions.size(0), size = batch.actions.size(1);
  GroundedPredictions out{.networks = networks, .batch = batch};
  out.weights = weights;
  {
    at::NoGradGuard no_grad;
    out.targets = encode(networks, batch.observations.slice(0, 1).flatten(0, 1))
                      .view({horizon, size, networks.latent_dim()});
  }
  std::vector<at::Tensor> latents;
  at::Tensor z = encode(networks, batch.observations[0]);  // [B, Z]
  for (int64_t t = 0; t < horizon; ++t) {
    latents.push_back(z);
    out.heads.push_back(next_heads(networks, z, batch.actions[t]));
    z = next_latent(networks, z, out.heads.back());
  }
  out.last = z.detach();
  out.latents = at::stack(latents);
  return out;
}

std::vector<GroundedLoss> grounded_losses(bool has_continuation) {
  std::vector<GroundedLoss> terms = {
      {"observation", observation_loss},
      {"consistency", consistency_loss},
      {"reward", reward_loss},
  };
  if (has_continuation) terms.push_back({"continuation", continuation_loss});
  return terms;
}

}  // namespace reverie::worldmodel
