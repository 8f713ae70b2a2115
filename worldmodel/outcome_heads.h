// Heads that say what a decision brings: its reward, and whether the episode goes on.
// Every kind of latent model has them; they read its features z [N, Z] and the action a [N, A].
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "tensor/network.h"
#include "worldmodel/config.h"

namespace reverie::worldmodel {

struct OutcomeHeads {
  tensor::Mlp reward;        // Z+A -> bins
  tensor::Mlp continuation;  // Z+A -> 1 logit; empty hidden when the task never terminates
  bool has_continuation = false;
  double bin_low = 0.0, bin_high = 0.0;  // ModelConfig's
};

// Parameters "reward.*", then "continuation.*".
void visit(OutcomeHeads& heads, const std::string& prefix, const tensor::ParameterVisitor& f);

// `inputs` is Z+A. Both heads start at predictions that are the same for every input.
OutcomeHeads make_outcome_heads(int64_t inputs, bool has_continuation, const ModelConfig& config,
                                contract::Rng& rng);

// Predicted for one decision, [N]; the continuation is a probability, 1 where the task never terminates.
at::Tensor predicted_reward(const OutcomeHeads& heads, const at::Tensor& z, const at::Tensor& a);
at::Tensor predicted_continuation(const OutcomeHeads& heads, const at::Tensor& z, const at::Tensor& a);

// Sums over N decisions of their `weights` [N] times the two-hot cross entropy of the reward, or the binary one
// of going on, against what was seen: `rewards` [N], `terminated` [N].
at::Tensor reward_cross_entropy(const OutcomeHeads& heads, const at::Tensor& z, const at::Tensor& a,
                                const at::Tensor& rewards, const at::Tensor& weights);
at::Tensor continuation_cross_entropy(const OutcomeHeads& heads, const at::Tensor& z, const at::Tensor& a,
                                      const at::Tensor& terminated, const at::Tensor& weights);

// Rewards are in a unit `factor` times larger from now on; predictions go on about as they were.
void divide_rewards(const OutcomeHeads& heads, double factor);

}  // namespace reverie::worldmodel
