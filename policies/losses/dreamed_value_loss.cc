// The critic's loss inside the dream: two-hot cross entropy at imagined states, against returns imagined from there.
#include <torch/types.h>

#include <vector>

#include "policies/losses/losses.h"
#include "tensor/fused.h"

namespace reverie::policies {
namespace {

constexpr double kLambda = 0.95;  // of the mixture of returns (DreamerV3, eq. 8)

// Returns from each of the T decisions of `rollout` on, [T*N], where the target critics value what lies behind.
at::Tensor imagined_returns(const CriticInputs& in, const ImaginedRollout& rollout) {
  const LearnerConfig& c = in.config;
  const size_t steps = rollout.actions.size();
  std::vector<at::Tensor> features = rollout.features, actions = rollout.actions;
  features.push_back(rollout.state.features);
  actions.push_back(rollout.action);
  const int64_t rows = rollout.action.size(0);
  const at::Tensor values =
      critic_values(in.agent.target_critic, at::cat(features).slice(0, rows), at::cat(actions).slice(0, rows))
          .index_select(0, in.update.critic_pair)
          .amin(0)
          .view({-1, rows});  // of the states 1 to T
  std::vector<at::Tensor> returns(steps);
  at::Tensor later = values[static_cast<int64_t>(steps) - 1];
  for (size_t k = steps; k-- > 0;) {
    const auto t = static_cast<int64_t>(k);
    const at::Tensor next = (1.0 - kLambda) * values[t] + kLambda * later;
    later = rollout.rewards[t] + c.discount * rollout.continuation[t] * next;
    if (!rollout.uncertainty.empty()) later = later + c.uncertainty_weight * rollout.uncertainty[k];
    returns[k] = later;
  }
  return at::cat(returns);
}

}  // namespace

// The actor meets these states in this update, with the same actions. A critic that has seen data alone says nothing of
// what nobody did there.
at::Tensor dreamed_value_loss(const CriticInputs& in, Statistics& statistics) {
  const Agent::Impl& a = in.agent;
  const Critic& critic = a.critic;
  ImaginedRollout rollout;
  at::Tensor targets;  // [T*N]
  {
    at::NoGradGuard no_grad;
    rollout = imagine_policy(*a.model, a.actor, in.starts, in.update.dream_noise,
                             in.config.uncertainty_weight != 0.0);
    targets = imagined_returns(in, rollout);
  }
  const at::Tensor logits =
      critic_logits(critic, at::cat(rollout.features), at::cat(rollout.actions));  // [C, T*N, bins]
  at::Tensor loss = tensor::two_hot_cross_entropy(logits, targets, critic.bin_low, critic.bin_high).mean();
  statistics.emplace_back("critic/dreamed_loss", loss.detach());
  return loss;
}

}  // namespace reverie::policies
