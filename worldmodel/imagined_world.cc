#include "worldmodel/imagined_world.h"

#include <torch/types.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/error.h"
#include "tensor/tensor_io.h"
#include "worldmodel/history.h"

namespace reverie::worldmodel {
namespace {

class ImaginedWorld : public contract::World {
 public:
  ImaginedWorld(const contract::EnvSpec& spec, int action_repeat, const LatentModel& model,
                const Probe& probe, at::Tensor action_low, at::Tensor action_span, at::Tensor reward_scale)
      : spec_(spec),
        action_repeat_(action_repeat),
        model_(model.frozen()),
        probe_(tensor::frozen(probe)),
        action_low_(std::move(action_low)),
        action_span_(std::move(action_span)),
        reward_scale_(std::move(reward_scale)) {}

  int control_steps() const override { return action_repeat_; }
  int batch_size() const override { return static_cast<int>(rewards_.size()); }

  void reset(std::span<const contract::StartPoint> starts) override {
    at::NoGradGuard no_grad;
    const auto n = static_cast<int64_t>(starts.size());
    const int64_t width = contract::row_width(spec_);
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
    const at::Device device = action_low_.device();
    History history =
        history_of(spec_, starts, action_repeat_, model_->history_length(), model_->reads_states());
    for (at::Tensor* part : {&history.observations, &history.actions, &history.known, &history.states})
      if (part->defined()) *part = part->to(device);
    state_ = model_->start(history);
    offset_ = tensor::tensor_from(known, {n, width}).to(device) - decoded();
    if (model_->positions_and_velocities(state_).defined()) offset_.zero_();
    rewards_.assign(starts.size(), 0.0F);
    continuation_.assign(starts.size(), 1.0F);
    uncertainty_.assign(starts.size(), 0.0F);
    read_state();
  }

  void step(std::span<const float> actions) override {
    at::NoGradGuard no_grad;
    const auto n = static_cast<int64_t>(batch_size());
    const at::Tensor raw = tensor::tensor_from(actions, {n, spec_.action_dim}).to(action_low_.device());
    const at::Tensor a = (raw - action_low_) / action_span_ * 2.0 - 1.0;
    tensor::copy_to(model_->reward(state_, a) * reward_scale_, rewards_);
    tensor::copy_to(model_->continuation(state_, a), continuation_);
    const LatentStep next = model_->step(state_, a, true);
    tensor::copy_to(next.uncertainty, uncertainty_);
    state_ = next.state;
    read_state();
  }

  std::span<const float> observations() const override { return observations_; }
  std::span<const float> rewards() const override { return rewards_; }
  std::span<const float> continuation() const override { return continuation_; }
  std::span<const float> uncertainty() const override { return uncertainty_; }
  std::span<const float> positions() const override { return positions_; }
  std::span<const float> velocities() const override { return velocities_; }
  std::span<const float> latents() const override { return latents_; }
  std::span<const double> physics_states() const override { return {}; }
  std::span<const double> task_states() const override { return {}; }

  contract::Snapshot snapshot() const override {
    const size_t n = rewards_.size();
    std::vector<float> offsets(n * known_width());
    if (n > 0) tensor::copy_to(offset_, offsets);
    contract::Snapshot out{kind(), sizeof(float) * record_floats(), {}};
    out.records.reserve(n * out.record_bytes);
    for (size_t i = 0; i < n; ++i) {
      each_part(*this, offsets, i, [&](auto part) { contract::append_numbers(out.records, part); });
    }
    return out;
  }

  void restore(const contract::Snapshot& snapshot) override {
    contract::check_snapshot(snapshot, kind(), sizeof(float) * record_floats());
    at::NoGradGuard no_grad;
    const auto n = static_cast<int64_t>(snapshot.batch_size());
    std::vector<float> offsets(n * known_width());
    resize(n);
    for (int64_t i = 0; i < n; ++i) {
      std::span<const std::byte> record = snapshot.record(static_cast<int>(i));
      each_part(*this, offsets, i, [&](auto part) { contract::take_numbers(record, part); });
    }
    const at::Device device = action_low_.device();
    state_ = unpacked(*model_, tensor::tensor_from(latents_, {n, latent_width()}).to(device));
    offset_ = tensor::tensor_from(offsets, {n, known_width()}).to(device);
  }

 private:
  static void copy_columns(const at::Tensor& rows, int64_t offset, int64_t width, std::vector<float>& out) {
    out.resize(rows.size(0) * width);
    tensor::copy_to(rows.slice(1, offset, offset + width), out);
  }

  int64_t latent_width() const { return model_->feature_dim() + model_->memory_dim(); }
  int64_t known_width() const { return spec_.observation_dim + contract::state_feature_dim(spec_); }
  std::string kind() const { return fmt::format("dream of {} {}", spec_.task, spec_.hash); }

  void resize(int64_t n) {
    observations_.resize(n * spec_.observation_dim);
    rewards_.resize(n);
    continuation_.resize(n);
    uncertainty_.resize(n);
    positions_.resize(n * spec_.nq);
    velocities_.resize(n * spec_.nv);
    latents_.resize(n * latent_width());
    states_.resize(n * (spec_.nq + spec_.nv));
  }

  // Calls `f` with every number of rollout i, in the order of a snapshot's record. `offsets` [N, O + F].
  template <typename Self, typename Offsets, typename F>
  static void each_part(Self& self, Offsets& offsets, size_t i, const F& f) {
    const auto row = [i](auto& values, int64_t width) {
      return std::span(values).subspan(i * static_cast<size_t>(width), static_cast<size_t>(width));
    };
    const contract::EnvSpec& spec = self.spec_;
    f(row(self.latents_, self.latent_width()));
    f(row(offsets, self.known_width()));
    f(row(self.states_, spec.nq + spec.nv));
    f(row(self.observations_, spec.observation_dim));
    f(row(self.rewards_, 1));
    f(row(self.continuation_, 1));
    f(row(self.uncertainty_, 1));
    f(row(self.positions_, spec.nq));
    f(row(self.velocities_, spec.nv));
  }

  size_t record_floats() const {
    return latent_width() + known_width() + 2 * (spec_.nq + spec_.nv) + spec_.observation_dim + 3;
  }

  at::Tensor decoded() const { return worldmodel::decoded(*model_, probe_, state_); }

  void read_state() {
    const at::Tensor latents = packed(state_);
    copy_columns(latents, 0, latents.size(1), latents_);
    const at::Tensor known = (decoded() + offset_).to(at::kCPU);
    const int64_t n = known.size(0), features = contract::state_feature_dim(spec_);
    copy_columns(known, 0, spec_.observation_dim, observations_);
    copy_columns(known, spec_.observation_dim, features, features_);
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
  std::unique_ptr<LatentModel> model_;
  Probe probe_;
  at::Tensor action_low_, action_span_, reward_scale_;
  LatentState state_;                     // N rows
  at::Tensor offset_;                     // [N, O + F] stored minus decoded at the start, or 0
  std::vector<float> states_, features_;  // [N, nq + nv], kept to follow circular angles; [N, F]
  std::vector<float> observations_, rewards_, continuation_, uncertainty_, positions_, velocities_, latents_;
};

}  // namespace

std::unique_ptr<contract::World> make_imagined_world(const contract::EnvSpec& spec, int action_repeat,
                                                     const LatentModel& model, const Probe& probe,
                                                     const at::Tensor& action_low,
                                                     const at::Tensor& action_span,
                                                     const at::Tensor& reward_scale) {
  return std::make_unique<ImaginedWorld>(spec, action_repeat, model, probe, action_low, action_span,
                                         reward_scale);
}

}  // namespace reverie::worldmodel
