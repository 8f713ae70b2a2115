#include "worldmodel/probe.h"

#include <torch/types.h>

namespace reverie::worldmodel {

void visit(Probe& probe, const std::string& prefix, const tensor::ParameterVisitor& f) {
  visit(probe.body, prefix, f);
}

Probe make_probe(int64_t latent_dim, int64_t hidden_dim, int64_t target_dim, contract::Rng& rng) {
  return {tensor::make_mlp(latent_dim, hidden_dim, 2, target_dim, 0, 1.0, rng), torch::zeros({target_dim}),
          torch::ones({target_dim})};
}

void set_normalisation(Probe& probe, const at::Tensor& mean, const at::Tensor& deviation) {
  at::NoGradGuard no_grad;
  const at::Tensor scale = at::where(deviation < 1e-4, at::ones_like(deviation), deviation);
  const at::Tensor ratio = probe.scale / scale;
  probe.body.out.weight.mul_(ratio.unsqueeze(1));
  probe.body.out.bias.mul_(ratio).add_((probe.mean - mean) / scale);
  probe.mean.copy_(mean);
  probe.scale.copy_(scale);
}

at::Tensor decode(const Probe& probe, const at::Tensor& latents) {
  return tensor::forward(probe.body, latents) * probe.scale + probe.mean;
}

at::Tensor decoded(const LatentModel& model, const Probe& probe, const LatentState& state) {
  const at::Tensor own = model.observation(state), motion = model.positions_and_velocities(state);
  if (own.defined() && motion.defined()) return at::cat({own, motion}, 1);
  const at::Tensor all = decode(probe, state.features);
  if (own.defined()) return at::cat({own, all.slice(1, own.size(1))}, 1);
  return motion.defined() ? at::cat({all.slice(1, 0, all.size(1) - motion.size(1)), motion}, 1) : all;
}

at::Tensor probe_loss(const Probe& probe, const at::Tensor& latents, const at::Tensor& targets,
                      const at::Tensor& weight) {
  const at::Tensor wanted = (targets - probe.mean) / probe.scale;
  const at::Tensor error = (tensor::forward(probe.body, latents.detach()) - wanted).square().mean(-1);  // [N]
  return (error * weight).sum();
}

}  // namespace reverie::worldmodel
