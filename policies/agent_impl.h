// What an Agent owns, for the learner and the planner inside policies/.
// Everyone else uses policies/agent.h.
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
  Actor actor;          // learns and explores; reads LatentModel::seen_dim() features, all else reads Z
  Actor average_actor;  // running average of `actor`; acts
  Critic critic, target_critic;
  worldmodel::Probe probe;
  at::Tensor reward_scale;  // scalar on the CPU: one unit of the model's rewards and values in the task's
  at::Tensor action_low, action_span;  // [A]: a in [-1, 1] -> low + (a + 1) / 2 * span

  at::Tensor to_device(const at::Tensor& t) const;
  // The latent states of N rows that show one observation each, [N, O]; states [N, F] (PolicyInput::states) for a model
  // that reads them. Throws UserError when there are none for such a model.
  worldmodel::LatentState start_at(std::span<const float> observations, std::span<const float> states) const;
  // What the actor reads there, [N, S].
  at::Tensor seen_at(std::span<const float> observations) const;
};

// The trained networks' parameters in checkpoint order, "model.*", "critic.*", "actor.*", "probe.*",
// "target_critic.*", "average_actor.*".
void visit_all(Agent::Impl& impl, const tensor::ParameterVisitor& f);

}  // namespace reverie::policies
