#include "policies/imagination.h"

#include <torch/types.h>

#include <utility>

#include "policies/returns.h"

namespace reverie::policies {

ImaginedRollout imagine_actions(const worldmodel::LatentModel& model, const worldmodel::LatentState& start,
                                int64_t steps, const ActionChoice& choose, bool want_uncertainty) {
  ImaginedRollout out;
  out.state = start;
  for (int64_t k = 0; k < steps; ++k) {
    const at::Tensor action = choose(k, worldmodel::seen_of(model, out.state.features));
    out.features.push_back(out.state.features);
    out.actions.push_back(action);
    out.rewards.push_back(model.reward(out.state, action));
    out.continuation.push_back(model.continuation(out.state, action));
    worldmodel::LatentStep next = model.step(out.state, action, want_uncertainty);
    if (want_uncertainty) out.uncertainty.push_back(next.uncertainty);
    out.state = std::move(next.state);
  }
  return out;
}

ImaginedRollout imagine_policy(const worldmodel::LatentModel& model, const Actor& actor,
                               const worldmodel::LatentState& start, const at::Tensor& noise,
                               bool want_uncertainty) {
  const int64_t steps = noise.size(0) - 1;
  std::vector<at::Tensor> log_probs;
  const ActionChoice sample = [&](int64_t k, const at::Tensor& z) {
    const SampledAction sampled = sample_action(actor, z, noise[k]);
    log_probs.push_back(sampled.log_prob);
    return sampled.action;
  };
  ImaginedRollout out = imagine_actions(model, start, steps, sample, want_uncertainty);
  out.action = sample(steps, worldmodel::seen_of(model, out.state.features));
  out.log_probs = std::move(log_probs);
  if (want_uncertainty) out.uncertainty.push_back(model.step(out.state, out.action, true).uncertainty);
  return out;
}

at::Tensor rollout_return(const ImaginedRollout& rollout, const at::Tensor& bootstrap, double discount,
                          double uncertainty_weight) {
  std::vector<at::Tensor> rewards = rollout.rewards;
  at::Tensor last = bootstrap;
  for (size_t k = 0; k < rollout.uncertainty.size(); ++k) {
    at::Tensor& value = k < rewards.size() ? rewards[k] : last;
    value = value + uncertainty_weight * rollout.uncertainty[k];
  }
  if (rewards.empty()) return last;
  return n_step_return(at::stack(rewards), at::stack(rollout.continuation), last, discount);
}

at::Tensor rollout_lambda_return(const ImaginedRollout& rollout, const at::Tensor& values, double discount,
                                 double lambda, double uncertainty_weight) {
  at::Tensor rewards = at::stack(rollout.rewards), last = values;
  if (!rollout.uncertainty.empty()) {
    const at::Tensor spread = uncertainty_weight * at::stack(rollout.uncertainty);  // [T+1, N]
    rewards = rewards + spread.slice(0, 0, rewards.size(0));
    last = values + spread.slice(0, 1);
  }
  return lambda_return(rewards, at::stack(rollout.continuation), last, discount, lambda);
}

}  // namespace reverie::policies
