// Networks of the grounded model: a latent that keeps the standardised observation beside learned features.
// A latent z = [s, u] is the observation in standard deviations, s [O], and SimNorm features u [L]. The dynamics
// predict the change of s in units of its usual size, from a residual path with products of the inputs
// (docs/algorithm.md); features, reward and continuation are those of the joint-embedding model.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "tensor/network.h"
#include "worldmodel/config.h"
#include "worldmodel/latent_model.h"
#include "worldmodel/outcome_heads.h"

namespace reverie::worldmodel {

// What standardises observations. Numbers of the data, not weights.
struct ObservationScale {
  at::Tensor mean, deviation;  // [O] s = (observation - mean) / deviation
  at::Tensor change;           // [O] usual size of the change of s in one decision
  at::Tensor low, high;        // [O] predictions of s stay between them
};

struct Grounded {
  ModelConfig config;
  ObservationScale scale;
  tensor::NormedLayer encoder_in;                    // s: O -> encoder_dim, SiLU
  tensor::NormedLayer encoder_out;                   // encoder_dim -> L, SimNorm
  tensor::LinearLayer left, right;                   // x = [s, a]: O+A -> P; their product is q
  std::vector<tensor::NormedLayer> dynamics_hidden;  // [E, ...] [s, u, a, q] -> hidden -> hidden, SiLU
  tensor::LinearLayer change_out;                    // [E, ...] hidden -> O
  tensor::LinearLayer change_skip;                   // [E, ...] [s, a, q] -> O
  tensor::NormedLayer features_out;                  // [E, ...] hidden -> L, SimNorm
  OutcomeHeads outcome;

  int64_t observation_dim() const { return scale.mean.size(0); }
  int64_t latent_dim() const { return observation_dim() + config.latent_dim; }  // Z = O + L
};

void visit(Grounded& model, const std::string& prefix, const tensor::ParameterVisitor& f);
void visit_scale(Grounded& model, const std::string& prefix, const tensor::ParameterVisitor& f);

Grounded make_grounded(int64_t observation_dim, int64_t action_dim, bool has_continuation,
                       const ModelConfig& config, contract::Rng& rng);

at::Tensor encode(const Grounded& model, const at::Tensor& observations);  // [N, O] -> z [N, Z]
at::Tensor observation_of(const Grounded& model,
                          const at::Tensor& latents);  // [N, Z] -> [N, O], physical units
at::Tensor standardised(const Grounded& model, const at::Tensor& observations);  // [..., O] -> s [..., O]

// What every head predicts of one decision.
struct NextHeads {
  at::Tensor change;    // [E, N, O] of s, in units of ObservationScale::change
  at::Tensor features;  // [E, N, L] the next u
};
NextHeads next_heads(const Grounded& model, const at::Tensor& z, const at::Tensor& a);

// The next z [N, Z]: the mean of the heads, s kept within the range of the data.
at::Tensor next_latent(const Grounded& model, const at::Tensor& z, const NextHeads& heads);

// Takes another standardisation over. Every layer that reads s is changed so that it computes the same from the
// same observation; not at the first call, before anything was learned. Returns the change, for networks outside that
// read z.
FeatureChange set_scale(Grounded& model, const ObservationStatistics& statistics);

}  // namespace reverie::worldmodel
