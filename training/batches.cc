#include "training/batches.h"

#include <torch/types.h>

#include "worldmodel/tensor_io.h"

namespace reverie {

Batch make_batch(const Agent& agent, const SequenceBatch& sequences) {
  const EnvSpec& spec = agent.spec();
  const int64_t horizon = sequences.horizon, size = sequences.batch;
  const int64_t width = spec.observation_dim + state_feature_dim(spec);
  const at::Device device(agent.device());
  const at::Tensor rows = tensor_from(sequences.observations, {horizon + 1, size, width});
  const at::Tensor low = tensor_from(spec.action_low, {spec.action_dim});
  const at::Tensor span = tensor_from(spec.action_high, {spec.action_dim}) - low;
  const at::Tensor actions = tensor_from(sequences.actions, {horizon, size, spec.action_dim});
  Batch batch;
  batch.observations = rows.slice(-1, 0, spec.observation_dim).contiguous().to(device);
  batch.states = rows.slice(-1, spec.observation_dim, width).contiguous().to(device);
  batch.actions = ((actions - low) / span * 2.0 - 1.0).to(device);
  batch.rewards = tensor_from(sequences.rewards, {horizon, size}).to(device);
  batch.terminated = tensor_from(sequences.terminated, {horizon, size}).to(device);
  batch.mask = tensor_from(sequences.mask, {horizon, size}).to(device);
  return batch;
}

}  // namespace reverie
