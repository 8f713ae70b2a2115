// Turns replayed rows into the learner's tensors.
#pragma once

#include "contract/env_spec.h"
#include "training/data/sequence_batch.h"
#include "worldmodel/batch.h"

namespace reverie::training {

// Splits rows [O + F] (contract::row_width) into observations and states, scales actions from the
// environment's range to [-1, 1]. Batch::between only where the sequences hold it. On the CPU: the learner takes a batch to where it learns.
worldmodel::Batch make_batch(const contract::EnvSpec& spec, const SequenceBatch& sequences);

}  // namespace reverie::training
