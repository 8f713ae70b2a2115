// SequenceScorer: what action sequences from one state are worth to the model.
// Imagined rewards count until the horizon, then the critic.
#pragma once

#include <memory>
#include <span>

#include "policies/agent.h"
#include "policies/planner_config.h"

namespace reverie::policies {

// J = sum over k < H of gamma^k c_0 .. c_{k-1} (r(z_k, a_k) + w u(z_k, a_k)) + gamma^H c_0 .. c_{H-1} V(z_H),
// z_{k+1} the model's prediction, r its reward, u its uncertainty with weight w = uncertainty_weight, c its
// continuation, V the critics' values at the actor's mean action: (1 - pessimism) * mean + pessimism * minimum
// (TD-MPC2, Hansen et al. 2024, eq. 6). Every start is computed on its own, so no result depends on what is
// planned beside it.
class SequenceScorer {
 public:
  virtual ~SequenceScorer() = default;

  // Sequences start here from now on: one observation [O], or one state [Z+M] (World::latents()). The agent's
  // weights must not change until the next start. `states` [F] (PolicyInput::states) are for a model that reads them;
  // such a model throws UserError where there are none.
  virtual void start_at_observation(std::span<const float> observation, std::span<const float> states) = 0;
  void start_at_observation(std::span<const float> observation) { start_at_observation(observation, {}); }
  virtual void start_at_latent(std::span<const float> latent) = 0;

  // actions [H, S, A] in [-1, 1] -> scores [S].
  virtual void score(std::span<const float> actions, std::span<float> scores) = 0;
  // The actor rolled out with standard normal noise [H, S, A] (zero: its mean action): writes the actions
  // [H, S, A] and their scores [S].
  virtual void roll_out(std::span<const float> noise, std::span<float> actions, std::span<float> scores) = 0;
  // Predicted for one action [A] in [-1, 1] at the start.
  virtual float reward(std::span<const float> action) = 0;
};

// The row scorer where the agent is on the CPU and its model has a row_model(), else the tensor scorer. The
// agent must outlive it.
std::unique_ptr<SequenceScorer> make_sequence_scorer(Agent& agent, const PlannerConfig& config,
                                                     double discount);

// A scorer by tensor operations, for every model and device.
std::unique_ptr<SequenceScorer> make_tensor_scorer(Agent& agent, const PlannerConfig& config,
                                                   double discount);
// A scorer by plain float rows on the CPU. The agent's model must have a row_model().
std::unique_ptr<SequenceScorer> make_row_scorer(Agent& agent, const PlannerConfig& config, double discount);

}  // namespace reverie::policies
