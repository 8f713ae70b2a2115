// A small recurrent latent model for tests: the state remembers what was seen before.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "contract/rng.h"
#include "tensor/fused.h"
#include "tensor/network.h"
#include "tensor/tensor_io.h"
#include "worldmodel/latent_model.h"

namespace reverie::policies {

// With x = tanh(E o), memory h' = tanh(W [h, x, a]), features z = tanh(R h) and reward Q [z, a]. In the dream, x is
// predicted as tanh(P [z, a]).
class RecurrentModel : public worldmodel::LatentModel {
 public:
  static constexpr int64_t kFeatures = 6, kMemory = 10, kSeen = 5;

  RecurrentModel(int64_t observations, int64_t actions, contract::Rng& rng) : actions_(actions) {
    const auto layer = [&](int64_t in, int64_t out) {
      const at::Tensor weight = tensor::normal_tensor({out, in}, rng) / std::sqrt(static_cast<double>(in));
      return tensor::LinearLayer{weight, torch::zeros({out})};
    };
    layers_ = {layer(observations, kSeen), layer(kMemory + kSeen + actions, kMemory),
               layer(kMemory, kFeatures), layer(kFeatures + actions, kSeen), layer(kFeatures + actions, 1)};
  }

  int64_t feature_dim() const override { return kFeatures; }
  int64_t memory_dim() const override { return kMemory; }
  int64_t history_length() const override { return 4; }

  worldmodel::LatentState start(const worldmodel::History& history) const override {
    return filter(history).back();
  }

  worldmodel::LatentState observe(const worldmodel::History& history, int64_t count) const override {
    std::vector<at::Tensor> features, memory;
    for (const worldmodel::LatentState& state : filter(history)) {
      features.push_back(state.features);
      memory.push_back(state.memory);
    }
    return {at::cat(features).slice(0, 0, count), at::cat(memory).slice(0, 0, count)};
  }

  worldmodel::LatentStep step(const worldmodel::LatentState& state, const at::Tensor& actions,
                              bool want_uncertainty) const override {
    worldmodel::LatentStep out;
    out.state = next(state.memory, predicted(state, actions), actions);
    if (want_uncertainty) out.uncertainty = at::zeros({actions.size(0)}, actions.options());
    return out;
  }

  at::Tensor reward(const worldmodel::LatentState& state, const at::Tensor& actions) const override {
    return apply(kReward, at::cat({state.features, actions}, -1)).squeeze(-1);
  }
  at::Tensor continuation(const worldmodel::LatentState&, const at::Tensor& actions) const override {
    return at::ones({actions.size(0)}, actions.options());
  }

  std::vector<worldmodel::LossWeight> losses() const override { return {{"seen", 1.0}, {"reward", 1.0}}; }

  worldmodel::Unrolled unroll(const worldmodel::Batch& batch, const at::Tensor& weights) const override {
    const std::vector<worldmodel::LatentState> states = filter({batch.observations, batch.actions, {}});
    const int64_t horizon = batch.actions.size(0);
    worldmodel::Unrolled out;
    std::vector<at::Tensor> latents, features, memory;
    at::Tensor seen = torch::zeros({}, weights.options()), reward_error = torch::zeros({}, weights.options());
    for (int64_t t = 0; t < horizon; ++t) {
      const auto &state = states[static_cast<size_t>(t)], &after = states[static_cast<size_t>(t) + 1];
      const at::Tensor x = apply(kEncoder, batch.observations[t + 1]).tanh().detach();
      const at::Tensor missed = predicted(state, batch.actions[t]) - x;
      seen = seen + (missed.square().mean(-1) * weights[t]).sum();
      const at::Tensor surplus = reward(state, batch.actions[t]) - batch.rewards[t];
      reward_error = reward_error + (surplus.square() * weights[t]).sum();
      latents.push_back(state.features);
      features.push_back(after.features.detach());
      memory.push_back(after.memory.detach());
    }
    out.latents = at::stack(latents);
    out.last = features.back();
    out.targets = {at::cat(features), at::cat(memory)};
    out.losses = {{"seen", seen}, {"reward", reward_error}};
    return out;
  }

  void visit(const std::string& prefix, const tensor::ParameterVisitor& f) override {
    const std::vector<std::string> names = {"encoder", "memory", "features", "seen", "reward"};
    for (size_t i = 0; i < layers_.size(); ++i) tensor::visit(layers_[i], prefix + names[i] + ".", f);
  }

  std::unique_ptr<worldmodel::LatentModel> frozen() const override {
    auto copy = std::make_unique<RecurrentModel>(*this);
    copy->visit("", [](const std::string&, at::Tensor& t) { t = t.detach(); });
    return copy;
  }

 private:
  enum Layer : size_t { kEncoder, kRemember, kRead, kPredict, kReward };

  at::Tensor apply(Layer layer, const at::Tensor& x) const {
    return tensor::linear(x.contiguous(), layers_[layer].weight, layers_[layer].bias);
  }
  worldmodel::LatentState next(const at::Tensor& memory, const at::Tensor& seen,
                               const at::Tensor& actions) const {
    const at::Tensor h = apply(kRemember, at::cat({memory, seen, actions}, -1)).tanh();
    return {apply(kRead, h).tanh(), h};
  }
  at::Tensor predicted(const worldmodel::LatentState& state, const at::Tensor& actions) const {
    return apply(kPredict, at::cat({state.features, actions}, -1)).tanh();
  }

  // The states after each of T observations. Before the first known one there was nothing.
  std::vector<worldmodel::LatentState> filter(const worldmodel::History& history) const {
    const at::Tensor& o = history.observations;
    at::Tensor memory = torch::zeros({o.size(1), kMemory}, o.options());
    at::Tensor action = torch::zeros({o.size(1), actions_}, o.options());
    std::vector<worldmodel::LatentState> states;
    for (int64_t t = 0; t < o.size(0); ++t) {
      states.push_back(next(memory, apply(kEncoder, o[t]).tanh(), action));
      const at::Tensor known =
          history.known.defined() ? history.known[t].unsqueeze(1) : torch::ones({o.size(1), 1});
      memory = states.back().memory * known;
      if (t + 1 < o.size(0)) action = history.actions[t] * known;
    }
    return states;
  }

  int64_t actions_;
  std::vector<tensor::LinearLayer> layers_;
};

}  // namespace reverie::policies
