// Graphs of an agent's functions, from its weights.
#pragma once

#include <vector>

#include "contract/env_spec.h"
#include "interop/graph.h"
#include "worldmodel/config.h"

namespace reverie::interop {

// What a graph is made from: Agent::weights() and what they belong to.
struct Networks {
  const contract::EnvSpec& spec;
  const worldmodel::ModelConfig& config;
  const base::SafeTensors& weights;
  int action_repeat = 1;  // control steps a decision, which kind "mechanics" takes one by one
};

// observations [N, O] -> actions [N, A] within the action range: the normalisation, the encoder and the averaged actor.
Graph policy_graph(const Networks& networks);

// encode (observations -> latents; of kind "mechanics" positions and velocities too), step (latents, actions ->
// next_latents, uncertainty), reward, continuation where the task terminates, decode (latents -> observations). Actions
// are in the environment's range, rewards in the task's units.
std::vector<Graph> world_model_graphs(const Networks& networks);

}  // namespace reverie::interop
