// Losses of critic and actor: what they may read, and the lists of them.
// A new loss is a file beside these, and its declaration and its line in losses.cc. A loss with a weight of its own
// also has a field "<name>_weight" in the configuration.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "policies/agent_impl.h"
#include "policies/config.h"
#include "policies/imagination.h"
#include "worldmodel/batch.h"
#include "worldmodel/loss.h"

namespace reverie::policies {

// What one update learns from; on a GPU always the same tensors.
struct UpdateInputs {
  worldmodel::Batch batch;
  at::Tensor target_noise;  // [V+1, H*B, A], V imagined decisions under the critic's targets
  at::Tensor critic_pair;   // [2] int64, two different critics
  at::Tensor dream_noise;   // [K+1, N, A], K imagined decisions from N states
};

// Figures of an update by their names in the metrics: scalars without gradient.
using Statistics = std::vector<std::pair<std::string, at::Tensor>>;

struct CriticInputs {
  const Agent::Impl& agent;
  const LearnerConfig& config;
  const UpdateInputs& update;
  const worldmodel::Unrolled& unrolled;
  at::Tensor weights;              // [H, B] of the decisions
  worldmodel::LatentState starts;  // N states where the dream begins, where the model is frozen
};

struct ActorInputs {
  const Agent::Impl& agent;
  const LearnerConfig& config;
  const UpdateInputs& update;
  at::Tensor starts;          // [N, S] what the actor sees where the dream begins
  at::Tensor returns;         // [N] imagined, with gradient
  at::Tensor scale;           // scalar, running 5-95 percentile range of such returns
  at::Tensor entropy;         // scalar, mean of the policy's, with gradient
  at::Tensor entropy_weight;  // scalar, adapts
};

// `value` returns a scalar with gradient and may add figures; it reads nothing back from a GPU.
template <typename Inputs>
struct LossTerm {
  std::string name;
  at::Tensor (*value)(const Inputs& inputs, Statistics& statistics);
  bool weighted = true;  // by "<name>_weight"; else the weight is 1
};
using CriticLoss = LossTerm<CriticInputs>;
using ActorLoss = LossTerm<ActorInputs>;

// A critic that learns beside its model learns from what was recorded, one in a `frozen` model from the dream as well.
std::vector<CriticLoss> critic_losses(
    bool frozen);                       // weights are ModelConfig's: they share the model's optimiser
std::vector<ActorLoss> actor_losses();  // weights are LearnerConfig's

// Weights of `terms` among a configuration's `fields`, whose names carry no prefix. Throws std::logic_error when
// a weighted term has none.
template <typename Inputs>
std::vector<worldmodel::LossWeight> weights_of(const std::vector<LossTerm<Inputs>>& terms,
                                               const std::vector<base::Field>& fields) {
  std::vector<worldmodel::LossWeight> out;
  out.reserve(terms.size());
  for (const LossTerm<Inputs>& term : terms) {
    out.push_back(term.weighted ? worldmodel::configured_weight(term.name, fields)
                                : worldmodel::LossWeight{term.name, 1.0});
  }
  return out;
}

}  // namespace reverie::policies
