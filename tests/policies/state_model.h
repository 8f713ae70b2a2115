// A small latent model for tests that reads positions and velocities.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "contract/rng.h"
#include "tensor/network.h"
#include "tensor/tensor_io.h"
#include "worldmodel/latent_model.h"

namespace reverie::policies {

// What a StateModel and its frozen copies were given last.
struct Given {
  worldmodel::Batch batch;
  at::Tensor start_states;  // of observe()
  worldmodel::ObservationStatistics statistics;
};

// z = [o, f]: the observation, which the actor sees, then the features of the state. z' = z + 0.1 tanh(W [z, a]),
// reward Q [z, a].
class StateModel : public worldmodel::LatentModel {
 public:
  StateModel(int64_t observations, int64_t states, int64_t actions, contract::Rng& rng)
      : given(std::make_shared<Given>()),
        observations_(observations),
        width_(observations + states),
        change_(tensor::normal_tensor({width_, width_ + actions}, rng)),
        reward_(tensor::normal_tensor({1, width_ + actions}, rng)) {}

  std::shared_ptr<Given> given;
  worldmodel::FeatureChange answer;  // of set_statistics()

  int64_t feature_dim() const override { return width_; }
  int64_t seen_dim() const override { return observations_; }
  at::Tensor seen(const worldmodel::History& history) const override {
    return history.observations[history.observations.size(0) - 1];
  }
  bool reads_states() const override { return true; }

  worldmodel::LatentState start(const worldmodel::History& history) const override {
    const at::Tensor all = at::cat({history.observations, history.states}, -1);
    return {all[all.size(0) - 1], {}};
  }
  worldmodel::LatentState observe(const worldmodel::History& history, int64_t count) const override {
    given->start_states = history.states;
    return {at::cat({history.observations, history.states}, -1).flatten(0, 1).slice(0, 0, count), {}};
  }

  worldmodel::LatentStep step(const worldmodel::LatentState& state, const at::Tensor& actions,
                              bool want_uncertainty) const override {
    worldmodel::LatentStep out;
    out.state.features = state.features + 0.1 * joined(state, actions).matmul(change_.t()).tanh();
    if (want_uncertainty) out.uncertainty = at::zeros({actions.size(0)}, actions.options());
    return out;
  }
  at::Tensor reward(const worldmodel::LatentState& state, const at::Tensor& actions) const override {
    return joined(state, actions).matmul(reward_.t()).squeeze(-1);
  }
  at::Tensor continuation(const worldmodel::LatentState&, const at::Tensor& actions) const override {
    return at::ones({actions.size(0)}, actions.options());
  }

  at::Tensor observation(const worldmodel::LatentState& state) const override {
    return state.features.slice(1, 0, observations_);
  }
  at::Tensor positions_and_velocities(const worldmodel::LatentState& state) const override {
    return state.features.slice(1, observations_);
  }

  std::vector<worldmodel::LossWeight> losses() const override { return {{"reward", 1.0}}; }
  worldmodel::Unrolled unroll(const worldmodel::Batch& batch, const at::Tensor& weights) const override {
    given->batch = batch;
    const at::Tensor all = at::cat({batch.observations, batch.states}, -1);
    const int64_t horizon = batch.actions.size(0);
    worldmodel::Unrolled out;
    out.latents = all.slice(0, 0, horizon);
    out.targets = {all.slice(0, 1).flatten(0, 1), {}};
    out.last = all[horizon];
    const at::Tensor predicted = reward({out.latents.flatten(0, 1), {}}, batch.actions.flatten(0, 1));
    const at::Tensor error = predicted - batch.rewards.flatten();
    out.losses = {{"reward", (error.square() * weights.flatten()).sum()}};
    return out;
  }

  void visit(const std::string& prefix, const tensor::ParameterVisitor& f) override {
    f(prefix + "change", change_);
    f(prefix + "reward", reward_);
  }
  worldmodel::FeatureChange set_statistics(const worldmodel::ObservationStatistics& statistics) override {
    given->statistics = statistics;
    return answer;
  }
  std::unique_ptr<worldmodel::LatentModel> frozen() const override {
    auto copy = std::make_unique<StateModel>(*this);
    copy->visit("", [](const std::string&, at::Tensor& t) { t = t.detach(); });
    return copy;
  }

 private:
  static at::Tensor joined(const worldmodel::LatentState& state, const at::Tensor& actions) {
    return at::cat({state.features, actions}, -1);
  }

  int64_t observations_, width_;
  at::Tensor change_, reward_;
};

}  // namespace reverie::policies
