// What an Agent owns. For the learner and the planner inside policies/; everyone else uses agent.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <string>

#include "policies/actor_critic.h"
#include "policies/agent.h"
#include "worldmodel/latent_model.h"
#include "worldmodel/probe.h"

namespace reverie::policies {

struct Agent::Impl {
  contract::EnvSpec spec;
  int action_repeat = 1;
  int64_t noise_octaves = 1;  // LearnerConfig's
  tensor::Device device;
  worldmodel::ModelConfig config;
  std::unique_ptr<worldmodel::LatentModel> model;
  Actor actor;          // what learns, and what explores
  Actor average_actor;  // its running average: what acts
  Critic critic, target_critic;
  worldmodel::Probe probe;
  at::Tensor action_low, action_span;  // [A]: a in [-1, 1] -> low + (a + 1) / 2 * span

  at::Tensor to_device(const at::Tensor& t) const;
  // Where one observation [N, O] each puts the agent.
  worldmodel::LatentState start_at(std::span<const float> observations) const;
};

// The trained networks' parameters in checkpoint order, "model.*", "critic.*", "actor.*", "probe.*",
// "target_critic.*", "average_actor.*".
void visit_all(Agent::Impl& impl, const tensor::ParameterVisitor& f);

}  // namespace reverie::policies
