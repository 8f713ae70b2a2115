// From replayed rows to the learner's tensors.
#pragma once

#include "policies/agent.h"
#include "training/replay_buffer.h"
#include "worldmodel/batch.h"

namespace reverie {

// Splits rows [O + F] (see replay_spec) into observations and states, scales actions from the
// environment's range to [-1, 1], and puts everything on the agent's device.
Batch make_batch(const Agent& agent, const SequenceBatch& sequences);

}  // namespace reverie
