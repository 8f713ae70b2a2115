#include "training/data/batches.h"

#include <torch/types.h>

#include "tensor/tensor_io.h"

namespace reverie::training {

worldmodel::Batch make_batch(const contract::EnvSpec& spec, const SequenceBatch& sequences) {
  const int64_t horizon = sequences.horizon, size = sequences.batch;
  const int64_t width = contract::row_width(spec);
  const at::Tensor rows = tensor::tensor_from(sequences.observations, {horizon + 1, size, width});
  const at::Tensor low = tensor::tensor_from(spec.action_low, {spec.action_dim});
  const at::Tensor span = tensor::tensor_from(spec.action_high, {spec.action_dim}) - low;
  const at::Tensor actions = tensor::tensor_from(sequences.actions, {horizon, size, spec.action_dim});
  worldmodel::Batch batch;
  batch.observations = rows.slice(-1, 0, spec.observation_dim).contiguous();
  batch.states = rows.slice(-1, spec.observation_dim, width).contiguous();
  batch.actions = (actions - low) / span * 2.0 - 1.0;
  batch.rewards = tensor::tensor_from(sequences.rewards, {horizon, size});
  batch.terminated = tensor::tensor_from(sequences.terminated, {horizon, size});
  batch.mask = tensor::tensor_from(sequences.mask, {horizon, size});
  if (sequences.repeat > 0)
    batch.between = tensor::tensor_from(sequences.between, {horizon, sequences.repeat - 1, size, width});
  return batch;
}

}  // namespace reverie::training
