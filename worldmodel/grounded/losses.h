// Losses of the grounded model: what they may read, and the list of them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "worldmodel/batch.h"
#include "worldmodel/grounded/grounded.h"
#include "worldmodel/loss.h"

namespace reverie::worldmodel {

// The model's predictions along a batch of H decisions and B sequences.
struct GroundedPredictions {
  const Grounded& networks;
  const Batch& batch;
  at::Tensor weights{};            // [H, B] of the decisions, sum to about 1
  at::Tensor targets{};            // [H, B, Z] what observations 1 to H are encoded as, no gradient
  std::vector<NextHeads> heads{};  // H: what each head predicts of them
  at::Tensor latents{};            // [H, B, Z] where the model takes itself to be before each decision
  at::Tensor last{};               // [B, Z] behind the last decision, no gradient
};

GroundedPredictions predict(const Grounded& networks, const Batch& batch, const at::Tensor& weights);

// A new loss is a function and its line in losses.cc, and its weight.
struct GroundedLoss {
  std::string name;  // its weight is ModelConfig's "<name>_weight"
  at::Tensor (*value)(const GroundedPredictions&);
};

std::vector<GroundedLoss> grounded_losses(bool has_continuation);

}  // namespace reverie::worldmodel
