#include "worldmodel/latent_model.h"

#include <torch/types.h>

#include "worldmodel/row_model.h"

namespace reverie::worldmodel {

std::unique_ptr<RowModel> LatentModel::row_model() const { return nullptr; }

at::Tensor LatentModel::observation(const LatentState&) const { return {}; }

at::Tensor LatentModel::positions_and_velocities(const LatentState&) const { return {}; }

void LatentModel::visit_statistics(const std::string&, const tensor::ParameterVisitor&) {}

FeatureChange LatentModel::set_statistics(const ObservationStatistics&) { return {}; }

LatentState start_at(const LatentModel& model, const at::Tensor& observations, const at::Tensor& states) {
  return model.start({.observations = observations.unsqueeze(0),
                      .actions = {},
                      .known = {},
                      .states = states.defined() ? states.unsqueeze(0) : states});
}

at::Tensor seen_of(const LatentModel& model, const at::Tensor& features) {
  const int64_t seen = model.seen_dim();
  return seen == features.size(-1) ? features : features.slice(-1, 0, seen).contiguous();
}

at::Tensor packed(const LatentState& state) {
  return state.memory.defined() ? at::cat({state.features, state.memory}, -1) : state.features;
}

LatentState unpacked(const LatentModel& model, const at::Tensor& rows) {
  if (model.memory_dim() == 0) return {rows, {}};
  return {rows.slice(1, 0, model.feature_dim()).contiguous(),
          rows.slice(1, model.feature_dim()).contiguous()};
}

}  // namespace reverie::worldmodel
