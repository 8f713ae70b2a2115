// Agent: everything needed to act and to dream, on plain buffers.
// It owns the world model, the actor, the critic and the probe. Training updates it; evaluation
// and viewer only use it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/safetensors.h"
#include "contract/env_spec.h"
#include "contract/world.h"
#include "policies/config.h"
#include "policies/exploration_noise.h"
#include "tensor/device.h"
#include "worldmodel/config.h"

namespace reverie::worldmodel {
class LatentModel;
}

namespace reverie::policies {

class Agent {
 public:
  // Weights are initialised from `seed` (Stream::kInit). `action_repeat` control steps make one decision.
  Agent(const contract::EnvSpec& spec, const worldmodel::ModelConfig& model, const LearnerConfig& learner,
        int action_repeat, uint64_t seed, tensor::Device device);
  // An agent around a given model of the world; `seed` initialises the other networks.
  Agent(const contract::EnvSpec& spec, std::unique_ptr<worldmodel::LatentModel> model,
        const worldmodel::ModelConfig& config, const LearnerConfig& learner, int action_repeat, uint64_t seed,
        tensor::Device device);
  ~Agent();

  const contract::EnvSpec& spec() const;
  int action_repeat() const;
  tensor::Device device() const;
  // One unit of the model's rewards and values in the task's: a power of two, 1 at first. Learner finds it
  // from the data (Learner::set_reward_scale). Imagined worlds answer in the task's units.
  double reward_scale() const;
  int64_t parameter_count() const;  // trained parameters, without target network and probe

  // True when it plans and dreams only where positions and velocities are known (LatentModel::reads_states()). Its actor
  // needs observations alone.
  bool reads_states() const;

  // Mean actions of the averaged actor: observations [N, O] -> actions [N, A] within the action range.
  void act(std::span<const float> observations, std::span<float> actions);
  // Mean actions of the averaged actor from states [N, Z+M] of an imagined world (World::latents()).
  void act_latent(std::span<const float> latents, std::span<float> actions);
  // What the critic expects from states [N, Z+M] of an imagined world under these actions -> [N]: rewards from there on,
  // discounted by LearnerConfig::discount a decision, in the task's units; the mean of its networks.
  void value(std::span<const float> latents, std::span<float> values);
  // Sampled actions of the actor itself, for collection; one key a row.
  void explore(std::span<const float> observations, std::span<const contract::DrawKey> keys,
               std::span<float> actions);

  // What the probe alone makes of the embeddings of observations [N, O] -> [N, O]: its own error,
  // apart from the dream's. A model that reads states holds the observation itself: the answer is what was given.
  void reconstruct(std::span<const float> observations, std::span<float> decoded);

  // A world that answers from the model; decodes with the probe. One step() = action_repeat control steps.
  std::unique_ptr<contract::World> imagined_world();

  // All weights (model, actor, critic, target critic, probe) by dotted name, and "reward_scale" unless it is 1.
  // load_weights throws UserError
  // naming a missing, extra or wrongly shaped tensor.
  base::SafeTensors weights() const;
  void load_weights(const base::SafeTensors& weights);
  // Copies the weights of an agent with the same settings, whatever its device.
  void copy_weights(const Agent& from);

  struct Impl;  // tensors and modules: policies/agent_impl.h, for the learner
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::policies
