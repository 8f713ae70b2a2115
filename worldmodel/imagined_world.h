// ImaginedWorld: a world answered by a latent model.
// It starts from stored observations and steps latent states.
#pragma once

#include <memory>

#include "contract/env_spec.h"
#include "contract/world.h"
#include "worldmodel/latent_model.h"
#include "worldmodel/probe.h"

namespace reverie::worldmodel {

// The world shares the storage of `model`'s and `probe`'s weights: later training shows through. Actions come in
// the environment's range and are scaled by `action_low`, `action_span` [A]. One step() is `action_repeat`
// control steps. The start is known, so observations, positions and velocities are the stored ones plus the
// change that the probe decodes since then: at the start they are exact, and the probe's constant error does
// not pass for the dream's. Where the model's state holds positions and velocities, all three are the model's own, with
// nothing added. Rewards are the model's times `reward_scale`, a scalar on the CPU whose storage is
// shared too. latents() are packed() states.
std::unique_ptr<contract::World> make_imagined_world(const contract::EnvSpec& spec, int action_repeat,
                                                     const LatentModel& model, const Probe& probe,
                                                     const at::Tensor& action_low,
                                                     const at::Tensor& action_span,
                                                     const at::Tensor& reward_scale);

}  // namespace reverie::worldmodel
