#include "policies/imagination.h"

#include <torch/types.h>

#include <utility>

#include "policies/returns.h"

namespace reverie::policies {
namespace {

// What the model predicts of every decision, at once: nothing of the rollout depends on it.
void predict_outcomes(const worldmodel::LatentModel& model, const std::vector<at::Tensor>& memories,
                      ImaginedRollout& rollout) {
  if (rollout.actions.empty()) return;
  const worldmodel::LatentState before{at::cat(rollout.features),
                                       memories.empty() ? at::Tensor() : at::cat(memories)};
  const at::Tensor actions = at::cat(rollout.actions);  // [T*N, A]
  const auto steps = static_cast<int64_t>(rollout.actions.size());
  rollout.rewards = model.reward(before, actions).view({steps, -1});
  rollout.continuation = model.continuation(before, actions).view({steps, -1});
}

}  // namespace

ImaginedRollout imagine_actions(const worldmodel::LatentModel& model, const worldmodel::LatentState& start,
                                int64_t steps, const ActionChoice& choose, bool want_uncertainty) {
  ImaginedRollout out;
  out.state = start;
  std::vector<at::Tensor> memories;  // of a model that has one
  for (int64_t k = 0; k < steps; ++k) {
    const at::Tensor action = choose(k, worldmodel::seen_of(model, out.state.features));
    out.features.push_back(out.state.features);
    out.actions.push_back(action);
    if (out.state.memory.defined()) memories.push_back(out.state.memory);
    worldmodel::LatentStep next = model.step(out.state, action, want_uncertainty);
    if (want_uncertainty) out.uncertainty.push_back(next.uncertainty);
    out.state = std::move(next.state);
  }
  predict_outcomes(model, memories, out);
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

namespace {

// Rewards [T, N] and what stands behind them, `values` [N] or [T, N], with the uncertainty of what is done there: the rewards
// have that of their own decisions, values that of the next.
struct Weighed {
  at::Tensor rewards, values;
};
Weighed weighed(const ImaginedRollout& rollout, const at::Tensor& values, double weight) {
  if (rollout.uncertainty.empty()) return {rollout.rewards, values};
  const at::Tensor spread = weight * at::stack(rollout.uncertainty);  // [T, N] or [T+1, N]
  const auto steps = static_cast<int64_t>(rollout.actions.size());
  Weighed out{rollout.rewards, values};
  if (steps > 0) out.rewards = rollout.rewards + spread.slice(0, 0, steps);
  if (values.dim() == 2) {
    out.values = values + spread.slice(0, 1);
  } else if (spread.size(0) > steps) {
    out.values = values + spread[steps];
  }
  return out;
}

}  // namespace

at::Tensor rollout_return(const ImaginedRollout& rollout, const at::Tensor& bootstrap, double discount,
                          double uncertainty_weight) {
  const Weighed terms = weighed(rollout, bootstrap, uncertainty_weight);
  if (rollout.actions.empty()) return terms.values;
  return n_step_return(terms.rewards, rollout.continuation, terms.values, discount);
}

at::Tensor rollout_lambda_return(const ImaginedRollout& rollout, const at::Tensor& values, double discount,
                                 double lambda, double uncertainty_weight) {
  const Weighed terms = weighed(rollout, values, uncertainty_weight);
  return lambda_return(terms.rewards, rollout.continuation, terms.values, discount, lambda);
}

}  // namespace reverie::policies
