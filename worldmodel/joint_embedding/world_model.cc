#include "worldmodel/joint_embedding/world_model.h"

#include <torch/types.h>

#include <cmath>

#include "tensor/fused.h"

namespace reverie::worldmodel {
void visit(WorldModel& model, const std::string& prefix, const tensor::ParameterVisitor& f) {
  visit(model.encoder_in, prefix + "encoder.0.", f);
  visit(model.encoder_out, prefix + "encoder.1.", f);
  for (size_t i = 0; i < model.dynamics_hidden.size(); ++i) {
    visit(model.dynamics_hidden[i], prefix + "dynamics." + std::to_string(i) + ".", f);
  }
  visit(model.dynamics_out, prefix + "dynamics.out.", f);
  visit(model.reward, prefix + "reward.", f);
  if (model.has_continuation) visit(model.continuation, prefix + "continuation.", f);
}

WorldModel make_world_model(int64_t observation_dim, int64_t action_dim, bool has_continuation,
                            const ModelConfig& config, contract::Rng& rng) {
  const int64_t joint = config.latent_dim + action_dim;
  WorldModel model;
  model.config = config;
  model.has_continuation = has_continuation;
  model.encoder_in = tensor::make_normed_layer(observation_dim, config.encoder_dim, 0, rng);
  model.encoder_out = tensor::make_normed_layer(config.encoder_dim, config.latent_dim, 0, rng);
  model.dynamics_hidden = {
      tensor::make_normed_layer(joint, config.hidden_dim, config.dynamics_heads, rng),
      tensor::make_normed_layer(config.hidden_dim, config.hidden_dim, config.dynamics_heads, rng)};
  model.dynamics_out =
      tensor::make_normed_layer(config.hidden_dim, config.latent_dim, config.dynamics_heads, rng);
  model.reward = tensor::make_mlp(joint, config.hidden_dim, 2, config.bins, 0, 0.0, rng);
  if (has_continuation) model.continuation = tensor::make_mlp(joint, config.hidden_dim, 2, 1, 0, 0.0, rng);
  return model;
}

at::Tensor encode(const WorldModel& model, const at::Tensor& observations) {
  const tensor::NormedLayer& in = model.encoder_in;
  const tensor::NormedLayer& out = model.encoder_out;
  const at::Tensor h = tensor::linear_norm_silu(observations, in.weight, in.bias, in.gamma, in.beta);
  return tensor::linear_norm_simnorm(h, out.weight, out.bias, out.gamma, out.beta, model.config.simnorm_dim);
}

at::Tensor next_latent_heads(const WorldModel& model, const at::Tensor& z, const at::Tensor& a) {
  at::Tensor h = tensor::join(z, a);
  for (const tensor::NormedLayer& layer : model.dynamics_hidden) {
    h = tensor::linear_norm_silu(h, layer.weight, layer.bias, layer.gamma, layer.beta);
  }
  const tensor::NormedLayer& out = model.dynamics_out;
  return tensor::linear_norm_simnorm(h, out.weight, out.bias, out.gamma, out.beta, model.config.simnorm_dim);
}

at::Tensor next_latent(const WorldModel& model, const at::Tensor& z, const at::Tensor& a) {
  return tensor::ensemble_mean(next_latent_heads(model, z, a));
}

at::Tensor disagreement(const at::Tensor& heads) {
  return (heads - heads.mean(0)).square().sum(-1).mean(0).sqrt();
}

at::Tensor reward_logits(const WorldModel& model, const at::Tensor& z, const at::Tensor& a) {
  return tensor::forward(model.reward, tensor::join(z, a));
}

at::Tensor predicted_reward(const WorldModel& model, const at::Tensor& z, const at::Tensor& a) {
  return tensor::two_hot_expectation(reward_logits(model, z, a), model.config.bin_low, model.config.bin_high);
}

at::Tensor continuation_logit(const WorldModel& model, const at::Tensor& z, const at::Tensor& a) {
  return tensor::forward(model.continuation, tensor::join(z, a)).squeeze(-1);
}

at::Tensor imagine(const WorldModel& model, const at::Tensor& z0, const at::Tensor& actions) {
  std::vector<at::Tensor> latents = {z0};
  for (int64_t t = 0; t < actions.size(0); ++t) {
    latents.push_back(next_latent(model, latents.back(), actions[t]));
  }
  return at::stack(latents);
}

at::Tensor step_weights(const at::Tensor& mask, double rho) {
  const int64_t horizon = mask.size(0);
  const at::Tensor decay = at::pow(rho, torch::arange(horizon, mask.options())).unsqueeze(1);
  return mask * (decay / static_cast<double>(mask.numel()));
}

Unrolled unroll(const WorldModel& model, const Batch& batch) {
  const int64_t horizon = batch.actions.size(0), size = batch.actions.size(1),
                latent = model.config.latent_dim;
  const at::Tensor weights = step_weights(batch.mask, model.config.rho);  // [H, B]
  Unrolled out;
  {
    at::NoGradGuard no_grad;
    out.targets = encode(model, batch.observations.slice(0, 1).flatten(0, 1)).view({horizon, size, latent});
  }
  std::vector<at::Tensor> latents;
  std::vector<at::Tensor> errors;
  at::Tensor z = encode(model, batch.observations[0]);  // [B, Z]
  for (int64_t t = 0; t < horizon; ++t) {
    latents.push_back(z);
    const at::Tensor heads = next_latent_heads(model, z, batch.actions[t]);  // [E, B, Z]
    errors.push_back(tensor::ensemble_squared_error(heads, out.targets[t]));
    z = tensor::ensemble_mean(heads);
  }
  out.last = z.detach();
  out.latents = at::stack(latents);
  out.consistency = (at::stack(errors) * weights).sum();

  const at::Tensor flat_z = out.latents.flatten(0, 1);    // [H*B, Z]
  const at::Tensor flat_a = batch.actions.flatten(0, 1);  // [H*B, A]
  const at::Tensor flat_w = weights.flatten();            // [H*B]
  const at::Tensor reward_error =
      tensor::two_hot_cross_entropy(reward_logits(model, flat_z, flat_a), batch.rewards.flatten(),
                                    model.config.bin_low, model.config.bin_high);
  out.reward = (reward_error * flat_w).sum();
  if (model.has_continuation) {
    const at::Tensor goes_on = 1.0 - batch.terminated.flatten();
    const at::Tensor error = at::binary_cross_entropy_with_logits(continuation_logit(model, flat_z, flat_a),
                                                                  goes_on, {}, {}, at::Reduction::None);
    out.continuation = (error * flat_w).sum();
  }
  return out;
}

}  // namespace reverie::worldmodel
