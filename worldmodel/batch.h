// Batch: the sequences that a learner sees, as tensors with time first.
#pragma once

#include <ATen/core/Tensor.h>

namespace reverie::worldmodel {

struct Batch {
  at::Tensor observations;  // [H+1, B, O] float32
  at::Tensor actions;       // [H, B, A] scaled to [-1, 1]
  at::Tensor rewards;       // [H, B] summed over the action repeat
  at::Tensor terminated;    // [H, B] 1 where the decision ended the episode for good
  at::Tensor mask;          // [H, B] 1 where the decision exists (0 after the end of an episode)
  // [H+1, B, F] features of qpos and qvel: the probe's targets. A model reads them only where LatentModel::reads_states().
  at::Tensor states;
  // [H, R-1, B, O+F] observation and state features at the control steps inside each decision of R; undefined unless
  // the model reads states.
  at::Tensor between;
};

}  // namespace reverie::worldmodel
