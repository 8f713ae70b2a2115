#include "worldmodel/joint_embedding/losses/losses.h"

#include <torch/types.h>

#include "tensor/fused.h"

namespace reverie::worldmodel {

Predictions predict(const JointEmbedding& networks, const Batch& batch, const at::Tensor& weights) {
  const int64_t horizon = batch.actions.size(0), size = batch.actions.size(1),
                latent = networks.config.latent_dim;
  Predictions out{.networks = networks, .batch = batch};
  out.weights = weights;
  {
    at::NoGradGuard no_grad;
    out.targets =
        encode(networks, batch.observations.slice(0, 1).flatten(0, 1)).view({horizon, size, latent});
  }
  std::vector<at::Tensor> latents;
  at::Tensor z = encode(networks, batch.observations[0]);  // [B, Z]
  for (int64_t t = 0; t < horizon; ++t) {
    latents.push_back(z);
    out.heads.push_back(next_latent_heads(networks, z, batch.actions[t]));
    z = tensor::ensemble_mean(out.heads.back());
  }
  out.last = z.detach();
  out.latents = at::stack(latents);
  out.flat_latents = out.latents.flatten(0, 1);
  out.flat_actions = batch.actions.flatten(0, 1);
  out.flat_weights = weights.flatten();
  return out;
}

// Each is defined in the file of its name and declared only here.
at::Tensor consistency_loss(const Predictions& p);   // squared error of every head's next embedding
at::Tensor reward_loss(const Predictions& p);        // two-hot cross entropy
at::Tensor continuation_loss(const Predictions& p);  // binary cross entropy; needs the head

std::vector<LossTerm> loss_terms(bool has_continuation) {
  std::vector<LossTerm> terms = {
      {"consistency", consistency_loss},
      {"reward", reward_loss},
  };
  if (has_continuation) terms.push_back({"continuation", continuation_loss});
  return terms;
}

std::vector<LossWeight> loss_weights(const JointEmbedding& networks) {
  ModelConfig config = networks.config;
  const std::vector<base::Field> all = fields(config, "");
  std::vector<std::string> names = {"value", "observation",
                                    "predictor"};  // the critic's, and those of other kinds
  for (const LossTerm& term : loss_terms(true)) names.push_back(term.name);
  check_weights_are_used(all, names);
  std::vector<LossWeight> weights;
  for (const LossTerm& term : loss_terms(networks.outcome.has_continuation))
    weights.push_back(configured_weight(term.name, all));
  return weights;
}

}  // namespace reverie::worldmodel
