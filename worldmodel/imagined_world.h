// World answered by the latent model: encodes the stored observation of each start and steps latents.
#pragma once

#include <memory>
#include <string>

#include "contract/env_spec.h"
#include "contract/world.h"
#include "worldmodel/joint_embedding/world_model.h"
#include "worldmodel/probe.h"

namespace reverie::worldmodel {

// `model` and `probe` share storage with the agent's: later training shows through. Actions come in the
// environment's range and are scaled by `action_low`, `action_span` [A]. One step() is `action_repeat`
// control steps. The start is known, so observations, positions and velocities are the stored ones plus the
// change that the probe decodes since then: at the start they are exact, and the probe's constant error does
// not pass for the dream's.
std::unique_ptr<contract::World> make_imagined_world(const contract::EnvSpec& spec, int action_repeat,
                                                     const WorldModel& model, const Probe& probe,
                                                     const at::Tensor& action_low,
                                                     const at::Tensor& action_span,
                                                     std::shared_ptr<const void> owner);

}  // namespace reverie::worldmodel
