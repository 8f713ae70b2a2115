// The decisions before start points as tensors, for latent models that remember.
#pragma once

#include <span>

#include "contract/env_spec.h"
#include "contract/world.h"
#include "worldmodel/latent_model.h"

namespace reverie::worldmodel {

// The last T <= `length` stored observations up to each start, `action_repeat` control steps apart, and the
// actions between them, on the CPU. T is that of the start with most rows before it; History::known says which
// rows exist. Actions of the range in `spec` are scaled to [-1, 1]. History::states only `with_states`.
History history_of(const contract::EnvSpec& spec, std::span<const contract::StartPoint> starts,
                   int action_repeat, int64_t length, bool with_states = false);

}  // namespace reverie::worldmodel
