#include "worldmodel/imagined_world.h"

#include <torch/types.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/error.h"
#include "tensor/tensor_io.h"

namespace reverie::worldmodel {
namespace {

class ImaginedWorld : public contract::World {
 public:
  ImaginedWorld(const contract::EnvSpec& spec, int action_repeat, const WorldModel& model, const Probe& probe,
                at::Tensor action_low, at::Tensor action_span, std::shared_ptr<const void> owner)
      : spec_(spec),
        action_repeat_(action_repeat),
        model_(tensor::frozen(model)),
        probe_(tensor::frozen(probe)),
        action_low_(std::move(action_low)),
        action_span_(std::move(action_span)),
        owner_(std::move(owner)) {}

  int control_steps() const override { return action_repeat_; }
  int batch_size() const override { return static_cast<int>(rewards_.size()); }

  void reset(std::span<const contract::StartPoint> starts) override {
    at::NoGradGuard no_grad;
    const auto n = static_cast<int64_t>(starts.size());
    const int64_t width = spec_.observation_dim + contract::state_feature_dim(spec_);
    std::vector<float> known(n * width);  // [N, O + F] observation and state features as stored
    states_.assign(n * (spec_.nq + spec_.nv), 0.0F);
    for (int64_t i = 0; i < n; ++i) {
      contract::observation_and_features(spec_, *starts[i].episode, starts[i].step,
                                         std::span(known).subspan(i * width, width));
      const auto state = starts[i]
                             .episode->physics_state(starts[i].step)
                             .subspan(contract::EnvSpec::kQposOffset, spec_.nq + spec_.nv);
      std::ranges::transform(state, states_.begin() + i * (spec_.nq + spec_.nv),
                             [](double value) { return static_cast<float>(value); });
    }
    const at::Tensor rows = tensor::tensor_from(known, {n, width}).to(action_low_.device());
    latent_ = encode(model_, rows.slice(1, 0, spec_.observation_dim).contiguous());
    offset_ = rows - decode(probe_, latent_);
    rewards_.assign(starts.size(), 0.0F);
    continuation_.assign(starts.size(), 1.0F);
    uncertainty_.assign(starts.size(), 0.0F);
    read_latent();
  }

  void step(std::span<const float> actions) override {
    at::NoGradGuard no_grad;
    const auto n = static_cast<int64_t>(batch_size());
    const at::Tensor raw = tensor::tensor_from(actions, {n, spec_.action_dim}).to(action_low_.device());
    const at::Tensor a = (raw - action_low_) / action_span_ * 2.0 - 1.0;
    tensor::copy_to(predicted_reward(model_, latent_, a), rewards_);
    if (model_.has_continuation)
      tensor::copy_to(continuation_logit(model_, latent_, a).sigmoid(), continuation_);
    const at::Tensor heads = next_latent_heads(model_, latent_, a);
    tensor::copy_to(disagreement(heads), uncertainty_);
    latent_ = heads.mean(0);
    read_latent();
  }

  std::span<const float> observations() const override { return observations_; }
  std::span<const float> rewards() const override { return rewards_; }
  std::span<const float> continuation() const override { return continuation_; }
  std::span<const float> uncertainty() const override { return uncertainty_; }
  std::span<const float> positions() const override { return positions_; }
  std::span<const float> velocities() const override { return velocities_; }
  std::span<const float> latents() const override { return latents_; }

 private:
  static void copy_columns(const at::Tensor& rows, int64_t offset, int64_t width, std::vector<float>& out) {
    out.resize(rows.size(0) * width);
    tensor::copy_to(rows.slice(1, offset, offset + width), out);
  }

  void read_latent() {
    copy_columns(latent_, 0, latent_.size(1), latents_);
    const at::Tensor decoded = (decode(probe_, latent_) + offset_).to(at::kCPU);
    const int64_t n = decoded.size(0), features = contract::state_feature_dim(spec_);
    copy_columns(decoded, 0, spec_.observation_dim, observations_);
    copy_columns(decoded, spec_.observation_dim, features, features_);
    positions_.resize(n * spec_.nq);
    velocities_.resize(n * spec_.nv);
    for (int64_t i = 0; i < n; ++i) {
      const std::span<float> state =
          std::span(states_).subspan(i * (spec_.nq + spec_.nv), spec_.nq + spec_.nv);
      contract::features_to_state(spec_, std::span(features_).subspan(i * features, features), state);
      std::ranges::copy(state.first(spec_.nq), positions_.begin() + i * spec_.nq);
      std::ranges::copy(state.last(spec_.nv), velocities_.begin() + i * spec_.nv);
    }
  }

  contract::EnvSpec spec_;
  int action_repeat_;
  WorldModel model_;
  Probe probe_;
  at::Tensor action_low_, action_span_;
  std::shared_ptr<const void> owner_;     // keeps the agent's storage alive
  at::Tensor latent_;                     // [N, Z]
  at::Tensor offset_;                     // [N, O + F] stored minus decoded at the start
  std::vector<float> states_, features_;  // [N, nq + nv], kept to follow circular angles; [N, F]
  std::vector<float> observations_, rewards_, continuation_, uncertainty_, positions_, velocities_, latents_;
};

}  // namespace

std::unique_ptr<contract::World> make_imagined_world(const contract::EnvSpec& spec, int action_repeat,
                                                     const WorldModel& model, const Probe& probe,
                                                     const at::Tensor& action_low,
                                                     const at::Tensor& action_span,
                                                     std::shared_ptr<const void> owner) {
  return std::make_unique<ImaginedWorld>(spec, action_repeat, model, probe, action_low, action_span,
                                         std::move(owner));
}

}  // namespace reverie::worldmodel
