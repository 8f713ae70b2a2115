#include "worldmodel/grounded/grounded.h"

#include <torch/types.h>

#include "tensor/fused.h"
#include "worldmodel/grounded/fused_dynamics.h"

namespace reverie::worldmodel {
namespace {

constexpr double kStartGain = 0.1;        // of the change's layers: a new model predicts that little moves
constexpr double kWidening = 0.1;         // of the data's range, on each side
constexpr double kLeastDeviation = 1e-4;  // an observation that varies less counts as constant
constexpr double kAnything = 1e6;         // the range of s until the data is known
constexpr double kLeastChange = 1e-2;     // of a deviation

at::Tensor normed(const tensor::NormedLayer& layer, const at::Tensor& x) {
  return tensor::linear_norm_silu(x, layer.weight, layer.bias, layer.gamma, layer.beta);
}

}  // namespace

void visit(Grounded& model, const std::string& prefix, const tensor::ParameterVisitor& f) {
  visit(model.encoder_in, prefix + "encoder.0.", f);
  visit(model.encoder_out, prefix + "encoder.1.", f);
  visit(model.left, prefix + "products.left.", f);
  visit(model.right, prefix + "products.right.", f);
  for (size_t i = 0; i < model.dynamics_hidden.size(); ++i) {
    visit(model.dynamics_hidden[i], prefix + "dynamics." + std::to_string(i) + ".", f);
  }
  visit(model.change_out, prefix + "dynamics.change.", f);
  visit(model.change_skip, prefix + "dynamics.skip.", f);
  visit(model.features_out, prefix + "dynamics.out.", f);
  visit(model.outcome, prefix, f);
}

void visit_scale(Grounded& model, const std::string& prefix, const tensor::ParameterVisitor& f) {
  f(prefix + "scale.mean", model.scale.mean);
  f(prefix + "scale.deviation", model.scale.deviation);
  f(prefix + "scale.change", model.scale.change);
  f(prefix + "scale.low", model.scale.low);
  f(prefix + "scale.high", model.scale.high);
}

Grounded make_grounded(int64_t observation_dim, int64_t action_dim, bool has_continuation,
                       const ModelConfig& config, contract::Rng& rng) {
  Grounded model;
  model.config = config;
  const auto of_observation = [&](double value) {
    return torch::full({observation_dim}, value, torch::kFloat32);
  };
  model.scale = {of_observation(0), of_observation(1), of_observation(1), of_observation(-kAnything),
                 of_observation(kAnything)};
  const int64_t pair = observation_dim + action_dim, joint = model.latent_dim() + action_dim;
  const int64_t heads = config.dynamics_heads, hidden = config.hidden_dim;
  model.encoder_in = tensor::make_normed_layer(observation_dim, config.encoder_dim, 0, rng);
  model.encoder_out = tensor::make_normed_layer(config.encoder_dim, config.latent_dim, 0, rng);
  model.left = tensor::make_linear_layer(pair, config.products, 0, 1.0, rng);
  model.right = tensor::make_linear_layer(pair, config.products, 0, 1.0, rng);
  model.dynamics_hidden = {tensor::make_normed_layer(joint + config.products, hidden, heads, rng),
                           tensor::make_normed_layer(hidden, hidden, heads, rng)};
  model.change_out = tensor::make_linear_layer(hidden, observation_dim, heads, kStartGain, rng);
  model.change_skip =
      tensor::make_linear_layer(pair + config.products, observation_dim, heads, kStartGain, rng);
  model.features_out = tensor::make_normed_layer(hidden, config.latent_dim, heads, rng);
  model.outcome = make_outcome_heads(joint, has_continuation, config, rng);
  return model;
}

at::Tensor standardised(const Grounded& model, const at::Tensor& observations) {
  return (observations - model.scale.mean) / model.scale.deviation;
}

at::Tensor encode(const Grounded& model, const at::Tensor& observations) {
  const at::Tensor s = standardised(model, observations);
  const tensor::NormedLayer& out = model.encoder_out;
  return tensor::join(s, tensor::linear_norm_simnorm(normed(model.encoder_in, s), out.weight, out.bias,
                                                     out.gamma, out.beta, model.config.simnorm_dim));
}

at::Tensor observation_of(const Grounded& model, const at::Tensor& latents) {
  return latents.slice(-1, 0, model.observation_dim()) * model.scale.deviation + model.scale.mean;
}

namespace {

DynamicsInputs inputs_of(const Grounded& model, const at::Tensor& z, const at::Tensor& a) {
  if (fused_dynamics_apply(z)) return fused_inputs_of(z, a, model.left, model.right);
  const at::Tensor pair = tensor::join(z.slice(1, 0, model.observation_dim()).contiguous(), a);  // [N, O+A]
  const at::Tensor q = tensor::linear(pair, model.left.weight, model.left.bias) *
                       tensor::linear(pair, model.right.weight, model.right.bias);  // [N, P]
  return {tensor::join(tensor::join(z, a), q), tensor::join(pair, q)};
}

at::Tensor change_of(const Grounded& model, const at::Tensor& h, const at::Tensor& skip) {
  const tensor::LinearLayer &out = model.change_out, &residual = model.change_skip;
  if (fused_dynamics_apply(h)) return fused_change(h, out, skip, residual);
  return tensor::linear(h, out.weight, out.bias) + tensor::linear(skip, residual.weight, residual.bias);
}

}  // namespace

NextHeads next_heads(const Grounded& model, const at::Tensor& z, const at::Tensor& a) {
  const DynamicsInputs inputs = inputs_of(model, z, a);
  const at::Tensor h = tensor::forward(model.dynamics_hidden, inputs.all);  // [E, N, hidden]
  const tensor::NormedLayer& out = model.features_out;
  return {change_of(model, h, inputs.skip), tensor::linear_norm_simnorm(h, out.weight, out.bias, out.gamma,
                                                                        out.beta, model.config.simnorm_dim)};
}

at::Tensor next_latent(const Grounded& model, const at::Tensor& z, const NextHeads& heads) {
  const ObservationScale& scale = model.scale;
  if (fused_dynamics_apply(z))
    return fused_landing(z, heads.change, heads.features, scale.change, scale.low, scale.high);
  const at::Tensor s =
      z.slice(1, 0, model.observation_dim()) + scale.change * tensor::ensemble_mean(heads.change);
  return tensor::join(at::clamp(s, scale.low, scale.high), tensor::ensemble_mean(heads.features));
}

namespace {

bool knows_data(const Grounded& model) { return (model.scale.high != kAnything).any().item<bool>(); }

// Layers that read s read it in the new units; layers that predict its change do so in the new units too.
void rescale(Grounded& model, const FeatureChange& to, const at::Tensor& unit) {
  for (tensor::LinearLayer* layer : {&model.left, &model.right, &model.change_skip})
    apply(to, layer->weight, layer->bias);
  apply(to, model.encoder_in.weight, model.encoder_in.bias);
  apply(to, model.dynamics_hidden[0].weight, model.dynamics_hidden[0].bias);
  apply(to, model.outcome.reward.hidden[0].weight, model.outcome.reward.hidden[0].bias);
  if (model.outcome.has_continuation)
    apply(to, model.outcome.continuation.hidden[0].weight, model.outcome.continuation.hidden[0].bias);
  for (tensor::LinearLayer* layer : {&model.change_out, &model.change_skip}) {
    layer->weight.mul_(unit.unsqueeze(-1));
    layer->bias.mul_(unit);
  }
}

}  // namespace

FeatureChange set_scale(Grounded& model, const ObservationStatistics& statistics) {
  at::NoGradGuard no_grad;
  ObservationScale& scale = model.scale;
  const at::Tensor deviation = at::where(statistics.deviation < kLeastDeviation,
                                         at::ones_like(statistics.deviation), statistics.deviation);
  const at::Tensor change = (statistics.change / deviation).clamp_min(kLeastChange);
  FeatureChange out;
  if (knows_data(model)) {
    out = {deviation / scale.deviation, (statistics.mean - scale.mean) / scale.deviation};
    rescale(model, out, (scale.change * scale.deviation) / (change * deviation));
  }
  const at::Tensor low = (statistics.low - statistics.mean) / deviation;
  const at::Tensor high = (statistics.high - statistics.mean) / deviation;
  scale.mean.copy_(statistics.mean);
  scale.deviation.copy_(deviation);
  scale.change.copy_(change);
  scale.low.copy_(low - kWidening * (high - low));
  scale.high.copy_(high + kWidening * (high - low));
  return out;
}

}  // namespace reverie::worldmodel
