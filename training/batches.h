// From replayed rows to the learner's tensors.
#pragma once

#include "sim/env_spec.h"
#include "training/replay_buffer.h"
#include "worldmodel/batch.h"

namespace reverie {

// Splits rows [O + F] (see replay_spec) into observations and states, scales actions from the
// environment's range to [-1, 1]. On the CPU: the learner takes a batch to where it learns.
Batch make_batch(const EnvSpec& spec, const SequenceBatch& sequences);

}  // namespace reverie
