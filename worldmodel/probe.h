// Probe: a small network from latents to observation, qpos and qvel.
// It is trained on stopped gradients, to draw and to measure the dream in physical units; the model
// never learns from it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "tensor/network.h"
#include "worldmodel/latent_model.h"

namespace reverie::worldmodel {

struct Probe {
  tensor::Mlp body;        // Z -> O + F (contract/env_spec.h), in units of the targets' standard deviation
  at::Tensor mean, scale;  // [O + F] of the targets; fixed between calls of set_normalisation
};

// Weights only; mean and scale are kept by set_normalisation.
void visit(Probe& probe, const std::string& prefix, const tensor::ParameterVisitor& f);

Probe make_probe(int64_t latent_dim, int64_t hidden_dim, int64_t target_dim, contract::Rng& rng);

// Targets' mean and standard deviation [D]; deviations below 1e-4 count as 1 so that constants are
// reproduced. The output layer is adjusted so that what the probe decodes stays the same.
void set_normalisation(Probe& probe, const at::Tensor& mean, const at::Tensor& deviation);

// latents [N, Z] -> targets [N, O + F] in physical units.
at::Tensor decode(const Probe& probe, const at::Tensor& latents);

// What a state of the model shows, [N, O + F] in physical units: its own observation, positions and velocities where the
// model holds them, all else by the probe.
at::Tensor decoded(const LatentModel& model, const Probe& probe, const LatentState& state);

// Mean squared error in normalised units: latents [N, Z] (detached here), targets [N, D],
// weight [N] (sums to 1).
at::Tensor probe_loss(const Probe& probe, const at::Tensor& latents, const at::Tensor& targets,
                      const at::Tensor& weight);

}  // namespace reverie::worldmodel
