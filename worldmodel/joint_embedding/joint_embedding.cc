#include "worldmodel/joint_embedding/joint_embedding.h"

#include <torch/types.h>

#include <cmath>

#include "tensor/fused.h"

namespace reverie::worldmodel {

void visit(JointEmbedding& model, const std::string& prefix, const tensor::ParameterVisitor& f) {
  visit(model.encoder_in, prefix + "encoder.0.", f);
  visit(model.encoder_out, prefix + "encoder.1.", f);
  for (size_t i = 0; i < model.dynamics_hidden.size(); ++i) {
    visit(model.dynamics_hidden[i], prefix + "dynamics." + std::to_string(i) + ".", f);
  }
  visit(model.dynamics_out, prefix + "dynamics.out.", f);
  visit(model.outcome, prefix, f);
}

JointEmbedding make_joint_embedding(int64_t observation_dim, int64_t action_dim, bool has_continuation,
                                    const ModelConfig& config, contract::Rng& rng) {
  const int64_t joint = config.latent_dim + action_dim;
  JointEmbedding model;
  model.config = config;
  model.encoder_in = tensor::make_normed_layer(observation_dim, config.encoder_dim, 0, rng);
  model.encoder_out = tensor::make_normed_layer(config.encoder_dim, config.latent_dim, 0, rng);
  model.dynamics_hidden = {
      tensor::make_normed_layer(joint, config.hidden_dim, config.dynamics_heads, rng),
      tensor::make_normed_layer(config.hidden_dim, config.hidden_dim, config.dynamics_heads, rng)};
  model.dynamics_out =
      tensor::make_normed_layer(config.hidden_dim, config.latent_dim, config.dynamics_heads, rng);
  model.outcome = make_outcome_heads(joint, has_continuation, config, rng);
  return model;
}

at::Tensor encode(const JointEmbedding& model, const at::Tensor& observations) {
  const tensor::NormedLayer& in = model.encoder_in;
  const tensor::NormedLayer& out = model.encoder_out;
  const at::Tensor h = tensor::linear_norm_silu(observations, in.weight, in.bias, in.gamma, in.beta);
  return tensor::linear_norm_simnorm(h, out.weight, out.bias, out.gamma, out.beta, model.config.simnorm_dim);
}

at::Tensor next_latent_heads(const JointEmbedding& model, const at::Tensor& z, const at::Tensor& a) {
  const at::Tensor h = tensor::forward(model.dynamics_hidden, tensor::join(z, a));  // [E, N, hidden]
  const tensor::NormedLayer& out = model.dynamics_out;
  return tensor::linear_norm_simnorm(h, out.weight, out.bias, out.gamma, out.beta, model.config.simnorm_dim);
}

at::Tensor disagreement(const at::Tensor& heads) {
  return (heads - heads.mean(0)).square().sum(-1).mean(0).sqrt();
}

}  // namespace reverie::worldmodel
