// What action sequences are worth in the model's eyes, from one latent: imagined rewards, then the critic.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "policies/agent.h"
#include "policies/planner_config.h"
#include "tensor/inference.h"

namespace reverie::policies {

// J = sum over k < H of gamma^k c_0 .. c_{k-1} r(z_k, a_k) + gamma^H c_0 .. c_{H-1} mean_q Q_q(z_H, mu(z_H)),
// z_{k+1} the mean of the dynamics heads, c the predicted continuation (1 where a task has none), mu the
// actor's mean action (TD-MPC2, Hansen et al. 2024, eq. 6). On the CPU with the raw kernels, elsewhere with
// tensor operations. Every start is computed on its own, so no result depends on what is planned beside it.
class SequenceScorer {
 public:
  // The agent must outlive it; its weights are read at each start().
  SequenceScorer(Agent& agent, const PlannerConfig& config, double discount);

  // Sequences start here from now on: one observation [O] or one latent [Z].
  void start_at_observation(std::span<const float> observation);
  void start_at_latent(std::span<const float> latent);

  // actions [H, S, A] in [-1, 1] -> scores [S].
  void score(std::span<const float> actions, std::span<float> scores);
  // The actor rolled out with standard normal noise [H, S, A] (zero: its mean action): writes the actions
  // [H, S, A] and their scores [S].
  void roll_out(std::span<const float> noise, std::span<float> actions, std::span<float> scores);
  // Predicted for one action [A] in [-1, 1] at the start.
  float reward(std::span<const float> action);

 private:
  struct Sequences {  // S of them, or a block of rows
    int64_t count;
    const float* given;  // actions; null: the actor's, from `noise` into `chosen`
    const float* noise;
    float* chosen;
    float* scores;
  };
  void run(const Sequences& sequences);
  void run_block(const Sequences& sequences, int64_t first, int64_t rows);
  void run_tensors(const Sequences& sequences);
  void act(int64_t rows, const float* noise, float* actions);  // the actor at z_
  void join(int64_t rows, const float* actions);               // joint_ = [z_, actions]
  // A network of [z, a]; its first layer at the common start is `first_layer`.
  void run_on_pair(const tensor::Mlp& mlp, const tensor::SharedInputLayer& first_layer, int64_t rows,
                   bool first, const float* actions, float* out);
  void add_reward(int64_t rows, bool first, const float* actions, float* scores);
  void advance(int64_t rows, bool first, const float* actions, float* scores);  // z_ <- the next latents
  void discount_weights(int64_t rows, bool first, const float* actions);
  void add_value(int64_t rows, float* scores);

  Agent* agent_;
  PlannerConfig config_;
  double discount_;
  std::vector<float> start_;  // [Z]
  std::vector<tensor::SharedInputLayer> dynamics_first_;
  tensor::SharedInputLayer reward_first_, continuation_first_;
  tensor::HiddenRows hidden_;
  // Of one block of rows: latents, [z, a], each head's prediction, logits, one number a row, actor.
  std::vector<float> z_, joint_, heads_, logits_, values_, least_, weights_, head_, noise_, action_,
      log_prob_;
};

}  // namespace reverie::policies
