// Networks of the mechanical model: a latent that moves as the robot's mechanics say.
// A latent z = [s, u, p] is the observation in standard deviations, s [O], SimNorm features of it, u [L], and features of
// positions and velocities in standard deviations, p [K]. The dynamics go one control step at a time: networks predict
// velocities, positions follow from them, and the observation follows from both (docs/algorithm.md). The actor reads
// [s, u].
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "contract/env_spec.h"
#include "tensor/network.h"
#include "worldmodel/config.h"
#include "worldmodel/latent_model.h"
#include "worldmodel/mechanics/inputs.h"
#include "worldmodel/outcome_heads.h"

namespace reverie::worldmodel {

// Numbers of the data, not weights.
struct MechanicalScale {
  at::Tensor mean, deviation;              // [O+K] of observation and kept state features
  at::Tensor input_mean, input_deviation;  // [I] of MechanicsInputs
  at::Tensor unit;                         // [D] usual size of what the networks predict of one control step
  at::Tensor position_loss;                // [nv] unit of an error in position
  at::Tensor low, high;                    // [nq + nv + R] predictions stay between them
};

// D = 2 nv + R: change of velocity, what is left of the change of position when velocities are integrated, change of
// the rest of the observation.
struct Mechanical {
  ModelConfig config;
  std::shared_ptr<const MechanicsInputs> inputs;
  int64_t observation_dim = 0, action_dim = 0, action_repeat = 1;
  double dt = 0.0;  // s, a control step
  MechanicalScale scale;
  tensor::NormedLayer encoder_in;                    // s: O -> encoder_dim, SiLU
  tensor::NormedLayer encoder_out;                   // encoder_dim -> L, SimNorm
  tensor::NormedLayer predictor_hidden;              // [x, a]: I+A -> hidden / 2, SiLU
  tensor::LinearLayer predictor_out;                 // hidden / 2 -> D
  tensor::LinearLayer predictor_skip;                // I+A -> D
  tensor::LinearLayer left, right;                   // [x, x', a]: 2I+A -> P; their product is q
  std::vector<tensor::NormedLayer> dynamics_hidden;  // [x, x', a, q] -> hidden -> hidden, SiLU
  tensor::LinearLayer change_out;                    // hidden -> D
  tensor::LinearLayer change_skip;                   // [x, x', a, q] -> D
  std::vector<tensor::NormedLayer> features_hidden;  // [E, ...] [z, a] -> hidden -> hidden, SiLU
  tensor::NormedLayer features_out;                  // [E, ...] hidden -> L, SimNorm
  OutcomeHeads outcome;

  const Coordinates& coordinates() const { return inputs->coordinates(); }
  int64_t seen_dim() const { return observation_dim + config.latent_dim; }       // S = O + L
  int64_t latent_dim() const { return seen_dim() + coordinates().kept_size(); }  // Z = S + K
};

void visit(Mechanical& model, const std::string& prefix, const tensor::ParameterVisitor& f);
void visit_scale(Mechanical& model, const std::string& prefix, const tensor::ParameterVisitor& f);

// Throws UserError when spec.mechanics is null.
Mechanical make_mechanical(const contract::EnvSpec& spec, int64_t action_repeat, const ModelConfig& config,
                           contract::Rng& rng);

at::Tensor encode_seen(const Mechanical& model, const at::Tensor& observations);  // [N, O] -> [s, u] [N, S]
// [N, O], state features [N, F] -> z [N, Z], and positions that nothing depends on, [N, G].
LatentState encode(const Mechanical& model, const at::Tensor& observations, const at::Tensor& features);
at::Tensor observation_of(const Mechanical& model, const at::Tensor& z);    // [N, O], physical units
at::Tensor features_of(const Mechanical& model, const LatentState& state);  // [N, F]
Motion motion_of(const Mechanical& model, const LatentState& state);

// What the networks say of one control step, [N, D] in MechanicalScale::unit: the predictor alone, then all of them.
struct ControlStep {
  at::Tensor provisional, change;
  Motion next;
};
ControlStep control_step(const Mechanical& model, const Motion& motion, const at::Tensor& a);

at::Tensor next_features(const Mechanical& model, const at::Tensor& z, const at::Tensor& a);  // [E, N, L]
// The state that shows `motion` and has the features u [N, L].
LatentState state_of(const Mechanical& model, const Motion& motion, const at::Tensor& features);

// Takes over what the data say. Every layer that reads standardised numbers is changed so that it computes the same;
// not at the first call, before anything was learned. Returns the change for networks outside that read z.
FeatureChange set_scale(Mechanical& model, const ObservationStatistics& statistics);

}  // namespace reverie::worldmodel
