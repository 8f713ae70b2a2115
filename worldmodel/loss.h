// Losses by name, their weights, and the weighted sum of a list of them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"

namespace reverie::worldmodel {

struct Loss {
  std::string name;
  at::Tensor value;  // scalar, with gradient
};

struct LossWeight {
  std::string name;  // of the loss
  double weight = 1.0;
};

// The weight of the loss `name`: the value of the field "<name>_weight" among a configuration's `fields`, whose
// names carry no prefix. Throws std::logic_error naming the nearest field when there is none.
LossWeight configured_weight(std::string_view name, const std::vector<base::Field>& fields);

// Throws std::logic_error when a field "<name>_weight" has no loss among `names`: it would change nothing.
void check_weights_are_used(const std::vector<base::Field>& fields, const std::vector<std::string>& names);

// Throws std::logic_error when two losses have the same name.
void check_names_differ(const std::vector<LossWeight>& weights);

// Sum over the list of weight times value, in the list's order. Both lists must name the same losses in the
// same order: throws std::logic_error naming the first difference.
at::Tensor weighted_sum(const std::vector<Loss>& losses, const std::vector<LossWeight>& weights);

// Squared error of every head's next features, weighted: `heads` [E, B, L] for each of H decisions, `targets`
// [H, B, L], `weights` [H, B].
at::Tensor feature_consistency(const std::vector<at::Tensor>& heads, const at::Tensor& targets,
                               const at::Tensor& weights);

// Weights of the decisions of a batch from its mask [H, B]: rho^t * mask / (H * B). The sum of these times the
// losses of the decisions [H, B] is the weighted mean of TD-MPC2.
at::Tensor step_weights(const at::Tensor& mask, double rho);

}  // namespace reverie::worldmodel
