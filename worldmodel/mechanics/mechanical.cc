#include "worldmodel/mechanics/mechanical.h"

#include <torch/types.h>

#include <algorithm>

#include "tensor/fused.h"
#include "tensor/fused_common.h"

namespace reverie::worldmodel {
namespace {

constexpr double kStartGain = 0.1;  // of the change's layers: a new model predicts that velocities stay
constexpr double kAnything = 1e6;   // the range until the data is known

at::Tensor normed(const tensor::NormedLayer& layer, const at::Tensor& x) {
  return tensor::linear_norm_silu(x, layer.weight, layer.bias, layer.gamma, layer.beta);
}
at::Tensor linear(const tensor::LinearLayer& layer, const at::Tensor& x) {
  return tensor::linear(x, layer.weight, layer.bias);
}

MechanicalScale make_scale(const Mechanical& model) {
  const Coordinates& c = model.coordinates();
  const auto filled = [](int64_t size, double value) { return torch::full({size}, value, torch::kFloat32); };
  const int64_t known = model.observation_dim + c.kept_size(), inputs = model.inputs->size();
  const int64_t moving = c.positions() + c.velocities() + c.rest_size();
  return {filled(known, 0),
          filled(known, 1),
          filled(inputs, 0),
          filled(inputs, 1),
          filled(2 * c.velocities() + c.rest_size(), 1),
          filled(c.velocities(), 1),
          filled(moving, -kAnything),
          filled(moving, kAnything)};
}

// `motion` one control step later, where its change is [N, D]. Positions follow from the mean of the velocities before
// and after.
Motion advance(const Mechanical& model, const Motion& motion, const at::Tensor& change) {
  const Coordinates& c = model.coordinates();
  const int64_t nq = c.positions(), nv = c.velocities();
  const at::Tensor low = model.scale.low, high = model.scale.high;
  if (c.scalar_joints() != nullptr && tensor::kernels_apply({motion.position, change})) {
    const SteppedCoordinates next =
        fused_step(c.scalar_joints(), model.dt, {motion.position, motion.velocity, motion.rest}, change,
                   model.scale.unit, low, high);
    return {next.position, next.velocity, next.rest};
  }
  const at::Tensor step = change * model.scale.unit;
  Motion out;
  out.velocity = at::clamp(motion.velocity + step.slice(1, 0, nv), low.slice(0, nq, nq + nv),
                           high.slice(0, nq, nq + nv));
  const at::Tensor delta = (motion.velocity + out.velocity) * (0.5 * model.dt) + step.slice(1, nv, 2 * nv);
  out.position = at::clamp(c.moved(motion.position, delta), low.slice(0, 0, nq), high.slice(0, 0, nq));
  out.rest = at::clamp(motion.rest + step.slice(1, 2 * nv), low.slice(0, nq + nv), high.slice(0, nq + nv));
  return out;
}

at::Tensor standardised_inputs(const Mechanical& model, const Motion& motion) {
  return model.inputs->standardised(motion, model.scale.input_mean, model.scale.input_deviation);
}

}  // namespace

void visit(Mechanical& model, const std::string& prefix, const tensor::ParameterVisitor& f) {
  visit(model.encoder_in, prefix + "encoder.0.", f);
  visit(model.encoder_out, prefix + "encoder.1.", f);
  visit(model.predictor_hidden, prefix + "predictor.0.", f);
  visit(model.predictor_out, prefix + "predictor.change.", f);
  visit(model.predictor_skip, prefix + "predictor.skip.", f);
  visit(model.left, prefix + "products.left.", f);
  visit(model.right, prefix + "products.right.", f);
  for (size_t i = 0; i < model.dynamics_hidden.size(); ++i)
    visit(model.dynamics_hidden[i], prefix + "dynamics." + std::to_string(i) + ".", f);
  visit(model.change_out, prefix + "dynamics.change.", f);
  visit(model.change_skip, prefix + "dynamics.skip.", f);
  for (size_t i = 0; i < model.features_hidden.size(); ++i)
    visit(model.features_hidden[i], prefix + "features." + std::to_string(i) + ".", f);
  visit(model.features_out, prefix + "features.out.", f);
  visit(model.outcome, prefix, f);
}

void visit_scale(Mechanical& model, const std::string& prefix, const tensor::ParameterVisitor& f) {
  f(prefix + "scale.mean", model.scale.mean);
  f(prefix + "scale.deviation", model.scale.deviation);
  f(prefix + "scale.input_mean", model.scale.input_mean);
  f(prefix + "scale.input_deviation", model.scale.input_deviation);
  f(prefix + "scale.unit", model.scale.unit);
  f(prefix + "scale.position_loss", model.scale.position_loss);
  f(prefix + "scale.low", model.scale.low);
  f(prefix + "scale.high", model.scale.high);
}

Mechanical make_mechanical(const contract::EnvSpec& spec, int64_t action_repeat, const ModelConfig& config,
                           contract::Rng& rng) {
  Mechanical model;
  model.config = config;
  model.inputs = std::make_shared<const MechanicsInputs>(spec);
  model.observation_dim = spec.observation_dim;
  model.action_dim = spec.action_dim;
  model.action_repeat = action_repeat;
  model.dt = spec.control_dt;
  model.scale = make_scale(model);
  const int64_t inputs = model.inputs->size(), a = spec.action_dim, hidden = config.hidden_dim;
  const int64_t outputs = model.scale.unit.size(0), both = 2 * inputs + a, products = config.products;
  const int64_t joint = model.latent_dim() + a, heads = config.dynamics_heads;
  const int64_t small = std::max<int64_t>(1, hidden / 2);
  model.encoder_in = tensor::make_normed_layer(spec.observation_dim, config.encoder_dim, 0, rng);
  model.encoder_out = tensor::make_normed_layer(config.encoder_dim, config.latent_dim, 0, rng);
  model.predictor_hidden = tensor::make_normed_layer(inputs + a, small, 0, rng);
  model.predictor_out = tensor::make_linear_layer(small, outputs, 0, kStartGain, rng);
  model.predictor_skip = tensor::make_linear_layer(inputs + a, outputs, 0, kStartGain, rng);
  model.left = tensor::make_linear_layer(both, products, 0, 1.0, rng);
  model.right = tensor::make_linear_layer(both, products, 0, 1.0, rng);
  model.dynamics_hidden = {tensor::make_normed_layer(both + products, hidden, 0, rng),
                           tensor::make_normed_layer(hidden, hidden, 0, rng)};
  model.change_out = tensor::make_linear_layer(hidden, outputs, 0, kStartGain, rng);
  model.change_skip = tensor::make_linear_layer(both + products, outputs, 0, kStartGain, rng);
  model.features_hidden = {tensor::make_normed_layer(joint, hidden, heads, rng),
                           tensor::make_normed_layer(hidden, hidden, heads, rng)};
  model.features_out = tensor::make_normed_layer(hidden, config.latent_dim, heads, rng);
  model.outcome = make_outcome_heads(joint, spec.has_termination, config, rng);
  return model;
}

at::Tensor encode_seen(const Mechanical& model, const at::Tensor& observations) {
  const int64_t o = model.observation_dim;
  const at::Tensor s =
      (observations - model.scale.mean.slice(0, 0, o)) / model.scale.deviation.slice(0, 0, o);
  const tensor::NormedLayer& out = model.encoder_out;
  return tensor::join(s, tensor::linear_norm_simnorm(normed(model.encoder_in, s), out.weight, out.bias,
                                                     out.gamma, out.beta, model.config.simnorm_dim));
}

namespace {

at::Tensor standardised_kept(const Mechanical& model, const at::Tensor& features) {
  const int64_t o = model.observation_dim;
  return (model.coordinates().kept(features) - model.scale.mean.slice(0, o)) /
         model.scale.deviation.slice(0, o);
}

// Without memory where every position matters.
LatentState latent_state(const Mechanical& model, const at::Tensor& z, const at::Tensor& features) {
  if (model.coordinates().ignored_size() == 0) return {z, {}};
  return {z, model.coordinates().ignored(features)};
}

}  // namespace

LatentState encode(const Mechanical& model, const at::Tensor& observations, const at::Tensor& features) {
  return latent_state(
      model, at::cat({encode_seen(model, observations), standardised_kept(model, features)}, -1), features);
}

at::Tensor observation_of(const Mechanical& model, const at::Tensor& z) {
  const int64_t o = model.observation_dim;
  return z.slice(-1, 0, o) * model.scale.deviation.slice(0, 0, o) + model.scale.mean.slice(0, 0, o);
}

at::Tensor features_of(const Mechanical& model, const LatentState& state) {
  const int64_t o = model.observation_dim;
  const at::Tensor kept = state.features.slice(-1, model.seen_dim()) * model.scale.deviation.slice(0, o) +
                          model.scale.mean.slice(0, o);
  if (!state.memory.defined()) return model.coordinates().joined(kept, kept.slice(-1, 0, 0));
  return model.coordinates().joined(kept, state.memory);
}

Motion motion_of(const Mechanical& model, const LatentState& state) {
  return model.coordinates().motion_of(observation_of(model, state.features), features_of(model, state));
}

ControlStep control_step(const Mechanical& model, const Motion& motion, const at::Tensor& a) {
  ControlStep out;
  const at::Tensor x = standardised_inputs(model, motion);  // [N, I]
  const at::Tensor xa = tensor::join(x, a);
  out.provisional =
      linear(model.predictor_out, normed(model.predictor_hidden, xa)) + linear(model.predictor_skip, xa);
  const at::Tensor there = standardised_inputs(model, advance(model, motion, out.provisional));  // [N, I]
  const at::Tensor both = at::cat({x, there, a}, 1);                                             // [N, 2I+A]
  const at::Tensor q = linear(model.left, both) * linear(model.right, both);                     // [N, P]
  const at::Tensor in = tensor::join(both, q);
  const at::Tensor h = tensor::forward(model.dynamics_hidden, in);
  out.change = linear(model.change_out, h) + linear(model.change_skip, in);  // [N, D]
  out.next = advance(model, motion, out.change);
  return out;
}

at::Tensor next_features(const Mechanical& model, const at::Tensor& z, const at::Tensor& a) {
  const at::Tensor h = tensor::forward(model.features_hidden, tensor::join(z, a));  // [E, N, hidden]
  const tensor::NormedLayer& out = model.features_out;
  return tensor::linear_norm_simnorm(h, out.weight, out.bias, out.gamma, out.beta, model.config.simnorm_dim);
}

LatentState state_of(const Mechanical& model, const Motion& motion, const at::Tensor& features) {
  const Coordinates& c = model.coordinates();
  const int64_t o = model.observation_dim;
  const BodyMotion bodies = c.reads_bodies() ? model.inputs->bodies(motion) : BodyMotion{};
  const at::Tensor s = (c.observations_of(motion, bodies) - model.scale.mean.slice(0, 0, o)) /
                       model.scale.deviation.slice(0, 0, o);
  const at::Tensor all = c.features_of(motion);
  return latent_state(model, at::cat({s, features, standardised_kept(model, all)}, -1), all);
}

}  // namespace reverie::worldmodel
