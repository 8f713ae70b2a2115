#include "worldmodel/mechanics/losses.h"

#include <torch/types.h>

#include <utility>

#include "tensor/fused.h"

namespace reverie::worldmodel {
namespace {

// An error of [N, D] in units becomes one in velocities, positions and the rest, each in units of its own: a velocity's
// error moves the position too.
at::Tensor as_motion(const Mechanical& model, const at::Tensor& change) {
  const int64_t nv = model.coordinates().velocities();
  const at::Tensor velocity = change.slice(1, 0, nv), residual = change.slice(1, nv, 2 * nv);
  const at::Tensor unit = model.scale.unit;
  const at::Tensor position =
      (velocity * (0.5 * model.dt * unit.slice(0, 0, nv)) + residual * unit.slice(0, nv, 2 * nv)) /
      model.scale.position_loss;
  return at::cat({velocity, position, change.slice(1, 2 * nv)}, 1);
}

// What the networks should have said, [N, D].
at::Tensor wanted(const Mechanical& model, const Motion& from, const Motion& to) {
  const at::Tensor path = model.coordinates().difference(from.position, to.position);
  const at::Tensor missed = path - (from.velocity + to.velocity) * (0.5 * model.dt);
  return at::cat({to.velocity - from.velocity, missed, to.rest - from.rest}, 1) / model.scale.unit;
}

// The norm of the error of every control step and not its square: impacts make it heavy-tailed.
at::Tensor step_loss(const MechanicalPredictions& p, at::Tensor ControlStep::*said) {
  const int64_t repeat = p.networks.action_repeat;
  std::vector<at::Tensor> all;
  all.reserve(p.steps.size());
  for (const ControlStep& step : p.steps) all.push_back(step.*said);
  const at::Tensor error = tensor::ensemble_root_error(
      as_motion(p.networks, at::cat(all)).unsqueeze(0).contiguous(), p.wanted);  // [H*R*B]
  const at::Tensor weights =
      p.weights.unsqueeze(1).expand({-1, repeat, -1}).reshape(-1) / static_cast<double>(repeat);
  return (error * weights).sum();
}

at::Tensor observation_loss(const MechanicalPredictions& p) { return step_loss(p, &ControlStep::change); }

at::Tensor predictor_loss(const MechanicalPredictions& p) { return step_loss(p, &ControlStep::provisional); }

// Squared error of every head's next features.
at::Tensor consistency_loss(const MechanicalPredictions& p) {
  const int64_t begin = p.networks.observation_dim, end = p.networks.seen_dim();
  return feature_consistency(p.features, p.targets.slice(2, begin, end), p.weights);
}

at::Tensor reward_loss(const MechanicalPredictions& p) {
  return reward_cross_entropy(p.networks.outcome, p.latents.flatten(0, 1), p.batch.actions.flatten(0, 1),
                              p.batch.rewards.flatten(), p.weights.flatten());
}

at::Tensor continuation_loss(const MechanicalPredictions& p) {
  return continuation_cross_entropy(p.networks.outcome, p.latents.flatten(0, 1),
                                    p.batch.actions.flatten(0, 1), p.batch.terminated.flatten(),
                                    p.weights.flatten());
}

// What was recorded behind control step k of decision t.
Motion recorded(const Mechanical& model, const Batch& batch, int64_t t, int64_t k) {
  const int64_t o = model.observation_dim;
  if (k + 1 == model.action_repeat)
    return model.coordinates().motion_of(batch.observations[t + 1], batch.states[t + 1]);
  const at::Tensor row = batch.between[t][k];  // [B, O+F]
  return model.coordinates().motion_of(row.slice(1, 0, o), row.slice(1, o));
}

// One motion after the other.
Motion joined(const std::vector<Motion>& motions) {
  std::vector<at::Tensor> position, velocity, rest;
  for (const Motion& motion : motions) {
    position.push_back(motion.position);
    velocity.push_back(motion.velocity);
    rest.push_back(motion.rest);
  }
  return {at::cat(position), at::cat(velocity), at::cat(rest)};
}

}  // namespace

MechanicalPredictions predict(const Mechanical& networks, const Batch& batch, const at::Tensor& weights) {
  const int64_t horizon = batch.actions.size(0), size = batch.actions.size(1);
  MechanicalPredictions out{.networks = networks, .batch = batch};
  out.weights = weights;
  {
    at::NoGradGuard no_grad;
    out.targets =
        encode(networks, batch.observations.slice(0, 1).flatten(0, 1), batch.states.slice(0, 1).flatten(0, 1))
            .features.view({horizon, size, networks.latent_dim()});
  }
  std::vector<at::Tensor> latents;
  std::vector<Motion> before, seen;
  LatentState state = encode(networks, batch.observations[0], batch.states[0]);
  Motion motion = networks.coordinates().motion_of(batch.observations[0], batch.states[0]);
  for (int64_t t = 0; t < horizon; ++t) {
    const at::Tensor a = batch.actions[t];
    latents.push_back(state.features);
    for (int64_t k = 0; k < networks.action_repeat; ++k) {
      before.push_back(motion);
      seen.push_back(recorded(networks, batch, t, k));
      out.steps.push_back(control_step(networks, motion, a));
      motion = out.steps.back().next;
    }
    out.features.push_back(next_features(networks, state.features, a));
    state = state_of(networks, motion, tensor::ensemble_mean(out.features.back()));
  }
  out.wanted = as_motion(networks, wanted(networks, joined(before), joined(seen))).contiguous();
  out.last = state.features.detach();
  out.latents = at::stack(latents);
  return out;
}

std::vector<MechanicalLoss> mechanical_losses(bool has_continuation) {
  std::vector<MechanicalLoss> terms = {
      {"observation", observation_loss},
      {"predictor", predictor_loss},
      {"consistency", consistency_loss},
      {"reward", reward_loss},
  };
  if (has_continuation) terms.push_back({"continuation", continuation_loss});
  return terms;
}

}  // namespace reverie::worldmodel
