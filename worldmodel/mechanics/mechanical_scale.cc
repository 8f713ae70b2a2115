// How the mechanical model takes over what data say of scales.
#include <torch/types.h>

#include "worldmodel/mechanics/mechanical.h"

namespace reverie::worldmodel {
namespace {

constexpr double kWidening = 0.1;         // of the data's range, on each side
constexpr double kLeastDeviation = 1e-4;  // a number that varies less counts as constant
constexpr double kAnything = 1e6;         // the range until the data is known, and of what has no range
constexpr double kLeastChange = 1e-2;     // of a deviation
constexpr double kLeastSwitch = 0.1;      // of stops and surfaces, which are of size 1 by themselves
constexpr double kLeastResidual = 1e-3;   // of a position's usual change: what integration leaves

struct Spread {
  at::Tensor mean, deviation;
};

// Over rows [M, X] -> [X].
Spread spread_of(const at::Tensor& rows) {
  const at::Tensor exact = rows.to(torch::kFloat64), mean = exact.mean(0);
  const at::Tensor deviation = (exact - mean).square().mean(0).sqrt().to(torch::kFloat32);
  return {mean.to(torch::kFloat32),
          at::where(deviation < kLeastDeviation, at::ones_like(deviation), deviation)};
}

at::Tensor size_of(const at::Tensor& rows) {
  return rows.to(torch::kFloat64).square().mean(0).sqrt().to(torch::kFloat32);
}

// x = scale x' + shift for numbers that were standardised by `from` and are now by `to`.
FeatureChange between(const Spread& from, const Spread& to) {
  return {to.deviation / from.deviation, (to.mean - from.mean) / from.deviation};
}

// The same where a layer reads these numbers from column `begin` on.
void apply_at(const FeatureChange& change, int64_t begin, at::Tensor& weight, at::Tensor& bias) {
  at::Tensor columns = weight.slice(-1, begin);
  apply(change, columns, bias);
}

bool knows_data(const Mechanical& model) { return (model.scale.high != kAnything).any().item<bool>(); }

// Layers that read the dynamics' inputs, and those that predict in units.
void rescale_dynamics(Mechanical& model, const FeatureChange& inputs, const at::Tensor& unit) {
  const int64_t size = model.inputs->size();
  apply(inputs, model.predictor_hidden.weight, model.predictor_hidden.bias);
  apply(inputs, model.predictor_skip.weight, model.predictor_skip.bias);
  for (tensor::LinearLayer* layer : {&model.left, &model.right, &model.change_skip}) {
    apply(inputs, layer->weight, layer->bias);
    apply_at(inputs, size, layer->weight, layer->bias);
  }
  tensor::NormedLayer& in = model.dynamics_hidden[0];
  apply(inputs, in.weight, in.bias);
  apply_at(inputs, size, in.weight, in.bias);
  for (tensor::LinearLayer* layer :
       {&model.predictor_out, &model.predictor_skip, &model.change_out, &model.change_skip}) {
    layer->weight.mul_(unit.unsqueeze(-1));
    layer->bias.mul_(unit);
  }
}

// Layers that read latents.
void rescale_readers(Mechanical& model, const FeatureChange& latent) {
  const int64_t o = model.observation_dim;
  const FeatureChange seen{latent.scale.slice(0, 0, o), latent.shift.slice(0, 0, o)};
  apply(seen, model.encoder_in.weight, model.encoder_in.bias);
  apply(latent, model.features_hidden[0].weight, model.features_hidden[0].bias);
  apply(latent, model.outcome.reward.hidden[0].weight, model.outcome.reward.hidden[0].bias);
  if (model.outcome.has_continuation)
    apply(latent, model.outcome.continuation.hidden[0].weight, model.outcome.continuation.hidden[0].bias);
}

// Of the numbers of z: those of u stay.
FeatureChange latent_change(const Mechanical& model, const FeatureChange& known) {
  const int64_t o = model.observation_dim, l = model.config.latent_dim;
  const at::Tensor ones = at::ones({l}, known.scale.options()), zeros = at::zeros({l}, known.scale.options());
  return {at::cat({known.scale.slice(0, 0, o), ones, known.scale.slice(0, o)}),
          at::cat({known.shift.slice(0, 0, o), zeros, known.shift.slice(0, o)})};
}

// The usual sizes [D] of what the networks predict, and the unit [nv] of an error in position: between how far positions
// move in a control step and how far integration misses them.
struct Units {
  at::Tensor unit, position_loss;
};
Units units_of(const Mechanical& model, const Motion& from, const Motion& to) {
  const Coordinates& c = model.coordinates();
  const at::Tensor moved = c.difference(from.position, to.position);
  const at::Tensor missed = moved - 0.5 * model.dt * (from.velocity + to.velocity);
  const at::Tensor path = size_of(moved).clamp_min(1e-6);
  const at::Tensor residual = at::maximum(size_of(missed), kLeastResidual * path);
  const at::Tensor speed =
      at::maximum(size_of(to.velocity - from.velocity), kLeastChange * spread_of(from.velocity).deviation);
  const at::Tensor rest =
      at::maximum(size_of(to.rest - from.rest), kLeastChange * spread_of(from.rest).deviation);
  return {at::cat({speed, residual, rest}), (path * residual).sqrt()};
}

}  // namespace

FeatureChange set_scale(Mechanical& model, const ObservationStatistics& statistics) {
  at::NoGradGuard no_grad;
  const Coordinates& c = model.coordinates();
  MechanicalScale& scale = model.scale;
  const int64_t o = model.observation_dim;
  const auto motion = [&](const at::Tensor& rows) {
    return c.motion_of(rows.slice(1, 0, o), rows.slice(1, o));
  };
  const Motion from = motion(statistics.rows), to = motion(statistics.next);
  const Spread known =
      spread_of(at::cat({statistics.rows.slice(1, 0, o), c.kept(statistics.rows.slice(1, o))}, 1));
  Spread inputs = spread_of((*model.inputs)(from, model.inputs->bodies(from)));
  inputs.deviation.slice(0, model.inputs->first_switch()).clamp_min_(kLeastSwitch);
  const Units units = units_of(model, from, to);
  FeatureChange latent;
  if (knows_data(model)) {
    latent = latent_change(model, between({scale.mean, scale.deviation}, known));
    rescale_readers(model, latent);
    rescale_dynamics(model, between({scale.input_mean, scale.input_deviation}, inputs),
                     scale.unit / units.unit);
  }
  scale.mean.copy_(known.mean);
  scale.deviation.copy_(known.deviation);
  scale.input_mean.copy_(inputs.mean);
  scale.input_deviation.copy_(inputs.deviation);
  scale.unit.copy_(units.unit);
  scale.position_loss.copy_(units.position_loss);
  const at::Tensor all = at::cat({from.position, from.velocity, from.rest}, 1);
  const at::Tensor low = std::get<0>(all.min(0)), high = std::get<0>(all.max(0));
  scale.low.copy_(low - kWidening * (high - low));
  scale.high.copy_(high + kWidening * (high - low));
  for (size_t i = 0; i < c.bounded().size(); ++i) {
    if (c.bounded()[i]) continue;
    scale.low[static_cast<int64_t>(i)] = -kAnything;
    scale.high[static_cast<int64_t>(i)] = kAnything;
  }
  return latent;
}

}  // namespace reverie::worldmodel
