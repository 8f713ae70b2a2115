// Graphs of model.kind=mechanics: its encoder, and its step along the robot's joints.
#pragma once

#include <cstdint>

#include "interop/graph.h"
#include "interop/model_graphs.h"

namespace reverie::interop {

// Numbers of a latent that networks read, Z: the observation, features of it, and features of the state. Behind them
// packed latents hold the positions that nothing depends on.
int64_t mechanics_latent(const contract::EnvSpec& spec, const worldmodel::ModelConfig& config);
// Width of packed latents, Z + M.
int64_t mechanics_packed(const contract::EnvSpec& spec, const worldmodel::ModelConfig& config);

// observations [N, O], positions [N, nq], velocities [N, nv] -> latents [N, Z+M].
Graph mechanics_encode_graph(const Networks& networks);
// latents, actions -> next_latents [N, Z+M], uncertainty [N].
Graph mechanics_step_graph(const Networks& networks);

}  // namespace reverie::interop
