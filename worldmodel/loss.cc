#include "worldmodel/loss.h"

#include <fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <variant>

#include "base/error.h"
#include "tensor/fused.h"

namespace reverie::worldmodel {
namespace {

constexpr std::string_view kSuffix = "_weight";

std::vector<std::string> names_of(const std::vector<base::Field>& fields) {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const base::Field& field : fields) names.push_back(field.name);
  return names;
}

}  // namespace

LossWeight configured_weight(std::string_view name, const std::vector<base::Field>& fields) {
  const std::string key = fmt::format("{}{}", name, kSuffix);
  for (const base::Field& field : fields) {
    if (auto* const* value = std::get_if<double*>(&field.value); value != nullptr && field.name == key)
      return {std::string(name), **value};
  }
  throw std::logic_error(fmt::format("loss '{}': no weight '{}' in the configuration{}", name, key,
                                     base::did_you_mean(key, names_of(fields))));
}

void check_weights_are_used(const std::vector<base::Field>& fields, const std::vector<std::string>& names) {
  for (const base::Field& field : fields) {
    if (!field.name.ends_with(kSuffix)) continue;
    const std::string name = field.name.substr(0, field.name.size() - kSuffix.size());
    if (std::ranges::find(names, name) == names.end()) {
      throw std::logic_error(fmt::format("weight '{}': no loss '{}' among {}{}", field.name, name,
                                         fmt::join(names, ", "), base::did_you_mean(name, names)));
    }
  }
}

void check_names_differ(const std::vector<LossWeight>& weights) {
  std::set<std::string> seen;
  for (const LossWeight& weight : weights) {
    if (!seen.insert(weight.name).second)
      throw std::logic_error(fmt::format("loss '{}': found twice, expected names that differ", weight.name));
  }
}

at::Tensor weighted_sum(const std::vector<Loss>& losses, const std::vector<LossWeight>& weights) {
  at::Tensor total;
  for (size_t i = 0; i < std::max(losses.size(), weights.size()); ++i) {
    const std::string loss = i < losses.size() ? losses[i].name : "none";
    const std::string weight = i < weights.size() ? weights[i].name : "none";
    if (loss != weight)
      throw std::logic_error(
          fmt::format("loss {}: found '{}', expected '{}', which has a weight", i, loss, weight));
    const at::Tensor term = weights[i].weight * losses[i].value;
    total = total.defined() ? total + term : term;
  }
  return total;
}

at::Tensor feature_consistency(const std::vector<at::Tensor>& heads, const at::Tensor& targets,
                               const at::Tensor& weights) {
  std::vector<at::Tensor> errors;
  errors.reserve(heads.size());
  for (size_t t = 0; t < heads.size(); ++t)
    errors.push_back(tensor::ensemble_squared_error(heads[t], targets[static_cast<int64_t>(t)]));
  return (at::stack(errors) * weights).sum();
}

at::Tensor step_weights(const at::Tensor& mask, double rho) {
  const int64_t horizon = mask.size(0);
  const at::Tensor decay = at::pow(rho, torch::arange(horizon, mask.options())).unsqueeze(1);
  return mask * (decay / static_cast<double>(mask.numel()));
}

}  // namespace reverie::worldmodel
