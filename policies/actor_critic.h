// Actor and critic over latents: a tanh-Gaussian policy and a two-hot Q ensemble.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "policies/config.h"
#include "tensor/network.h"
#include "worldmodel/config.h"

namespace reverie::policies {

struct Actor {
  tensor::Mlp body;        // S -> 2A: mean and raw scale
  double std_floor = 0.1;  // std = 0.9 * sigmoid(raw + 2) + floor
};

struct Critic {
  tensor::Mlp body;  // ensemble [C, ...] of Z+A -> bins
  double bin_low = 0.0, bin_high = 0.0;
};

void visit(Actor& actor, const std::string& prefix, const tensor::ParameterVisitor& f);
void visit(Critic& critic, const std::string& prefix, const tensor::ParameterVisitor& f);

// Actor and critic for `feature_dim` features of latent states, the actor's those that it sees; sizes of layers and bins are in `model`.
Actor make_actor(int64_t feature_dim, const worldmodel::ModelConfig& model, const LearnerConfig& learner,
                 int64_t action_dim, contract::Rng& rng);
Critic make_critic(int64_t feature_dim, const worldmodel::ModelConfig& model, const LearnerConfig& learner,
                   int64_t action_dim, contract::Rng& rng);

struct SampledAction {
  at::Tensor action;    // [N, A] in (-1, 1)
  at::Tensor log_prob;  // [N]
};
// Reparameterised sample: seen features z [N, S], noise [N, A] standard normal.
SampledAction sample_action(const Actor& actor, const at::Tensor& z, const at::Tensor& noise);
at::Tensor mean_action(const Actor& actor, const at::Tensor& z);  // tanh(mean), [N, A]

at::Tensor critic_logits(const Critic& critic, const at::Tensor& z, const at::Tensor& a);  // [C, N, bins]
// [C, N] in return units.
at::Tensor critic_values(const Critic& critic, const at::Tensor& z, const at::Tensor& a);

}  // namespace reverie::policies
