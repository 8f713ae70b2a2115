// What tests of acting and planning share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "contract/rng.h"
#include "policies/agent_impl.h"
#include "tensor/tensor_io.h"

namespace reverie::policies {

constexpr int64_t kActions = 2, kObservations = 3;

inline contract::EnvSpec spec_of(bool terminates) {
  contract::EnvSpec spec;
  spec.observation_dim = kObservations;
  spec.action_dim = kActions;
  spec.action_low = {-1.0F, -2.0F};
  spec.action_high = {1.0F, 4.0F};
  spec.nq = spec.nv = 1;
  spec.physics_dim = 3;  // time, qpos, qvel
  spec.episode_steps = 10;
  spec.has_termination = terminates;
  return spec;
}

// Every weight random, the output layers too, which start at zero for learning.
inline std::shared_ptr<Agent> random_agent(bool terminates = false,
                                           const std::string& kind = "joint_embedding") {
  worldmodel::ModelConfig model;
  model.kind = kind;
  model.latent_dim = 16;
  model.encoder_dim = model.hidden_dim = model.probe_dim = 24;  // not whole vectors of every instruction set
  auto agent =
      std::make_shared<Agent>(spec_of(terminates), model, LearnerConfig{}, 2, uint64_t{3}, tensor::kCpu);
  contract::Rng rng(5, 0, contract::Stream::kInit);
  visit_all(agent->impl(), [&](const std::string& name, at::Tensor& t) {
    if (name.find("out.weight") != std::string::npos)
      t.copy_(0.7 * tensor::normal_tensor(t.sizes().vec(), rng));
  });
  return agent;
}

// A parameter by its name in the checkpoint.
inline at::Tensor parameter_of(Agent& agent, const std::string& wanted) {
  at::Tensor found;
  visit_all(agent.impl(), [&](const std::string& name, at::Tensor& t) {
    if (name == wanted) found = t;
  });
  return found;
}

inline std::vector<float> normals(size_t count, uint64_t stream) {
  contract::Rng rng(9, stream, contract::Stream::kEvaluation);
  std::vector<float> out(count);
  for (float& v : out) v = static_cast<float>(rng.normal());
  return out;
}

inline std::vector<contract::DrawKey> keys_of(size_t rows, uint64_t step) {
  std::vector<contract::DrawKey> keys;
  for (size_t n = 0; n < rows; ++n) keys.push_back({11, n, step});
  return keys;
}

}  // namespace reverie::policies
