// What an Agent owns. For the learner and the planner inside policies/; everyone else uses agent.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "policies/actor_critic.h"
#include "policies/agent.h"
#include "worldmodel/joint_embedding/world_model.h"
#include "worldmodel/probe.h"

namespace reverie::policies {

struct Agent::Impl {
  contract::EnvSpec spec;
  int action_repeat = 1;
  int64_t noise_octaves = 1;  // LearnerConfig's
  std::string device;         // "cpu" or "cuda"
  worldmodel::WorldModel model;
  Actor actor;          // what learns, and what explores
  Actor average_actor;  // its running average: what acts
  Critic critic, target_critic;
  worldmodel::Probe probe;
  at::Tensor action_low, action_span;  // [A]: a in [-1, 1] -> low + (a + 1) / 2 * span

  at::Tensor to_device(const at::Tensor& t) const;
};

// The trained networks' parameters in checkpoint order, "model.*", "critic.*", "actor.*", "probe.*",
// "target_critic.*", "average_actor.*".
void visit_all(Agent::Impl& impl, const tensor::ParameterVisitor& f);

}  // namespace reverie::policies
