// Losses of the joint-embedding model: what they may read, and the list of them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "worldmodel/batch.h"
#include "worldmodel/joint_embedding/joint_embedding.h"
#include "worldmodel/loss.h"

namespace reverie::worldmodel {

// The model's predictions along a batch of H decisions and B sequences.
struct Predictions {
  const JointEmbedding& networks;
  const Batch& batch;
  at::Tensor weights{};             // [H, B] of the decisions, sum to about 1
  at::Tensor targets{};             // [H, B, Z] embeddings of observations 1 to H, no gradient
  std::vector<at::Tensor> heads{};  // H of [E, B, Z]: what each dynamics head predicts of them
  at::Tensor latents{};             // [H, B, Z] where the model takes itself to be before each decision
  at::Tensor last{};                // [B, Z] behind the last decision, no gradient
  // Latents, actions and weights with decisions and sequences in one dimension: [H*B, Z], [H*B, A] and [H*B].
  at::Tensor flat_latents{}, flat_actions{}, flat_weights{};
};

Predictions predict(const JointEmbedding& networks, const Batch& batch, const at::Tensor& weights);

// A new loss is a file beside these, its declaration and its line in losses.cc, and its weight.
struct LossTerm {
  std::string name;  // its weight is ModelConfig's "<name>_weight"
  // A scalar with gradient: a weighted mean over the decisions.
  at::Tensor (*value)(const Predictions&);
};

// The list, without what needs a continuation head where there is none.
std::vector<LossTerm> loss_terms(bool has_continuation);

// Weights of loss_terms() from the networks' configuration. Throws std::logic_error when a loss has no weight,
// or a weight no loss.
std::vector<LossWeight> loss_weights(const JointEmbedding& networks);

}  // namespace reverie::worldmodel
