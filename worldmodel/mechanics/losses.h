// Losses of the mechanical model: what they may read, and the list of them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "worldmodel/batch.h"
#include "worldmodel/loss.h"
#include "worldmodel/mechanics/mechanical.h"

namespace reverie::worldmodel {

// The model's predictions along a batch of H decisions of R control steps and B sequences.
struct MechanicalPredictions {
  const Mechanical& networks;
  const Batch& batch;
  at::Tensor weights{};                // [H, B] of the decisions, sum to about 1
  at::Tensor targets{};                // [H, B, Z] what is known behind decisions 1 to H, no gradient
  std::vector<ControlStep> steps{};    // H*R: what it predicts of each control step
  at::Tensor wanted{};                 // [H*R*B, D] what that should have been, in units of the loss
  std::vector<at::Tensor> features{};  // H: what each head predicts of u behind the decision, [E, B, L]
  at::Tensor latents{};                // [H, B, Z] where the model takes itself to be before each decision
  at::Tensor last{};                   // [B, Z] behind the last decision, no gradient
};

MechanicalPredictions predict(const Mechanical& networks, const Batch& batch, const at::Tensor& weights);

// A new loss is a function and its line in losses.cc, and its weight.
struct MechanicalLoss {
  std::string name;  // its weight is ModelConfig's "<name>_weight"
  at::Tensor (*value)(const MechanicalPredictions&);
};

std::vector<MechanicalLoss> mechanical_losses(bool has_continuation);

}  // namespace reverie::worldmodel
