#include "policies/model_functions.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <stdexcept>
#include <utility>

#include "contract/env_spec.h"
#include "policies/agent_impl.h"
#include "tensor/tensor_io.h"

namespace reverie::policies {
namespace {

using worldmodel::LatentState;

at::Tensor rows(const Agent::Impl& impl, std::span<const float> values, int64_t width, const char* what) {
  const auto size = static_cast<int64_t>(values.size());
  if (size % width != 0)
    throw std::invalid_argument(
        fmt::format("{}: expected rows of {} numbers, found {} numbers", what, width, size));
  return impl.to_device(tensor::tensor_from(values, {size / width, width}));
}

std::vector<float> numbers(const at::Tensor& tensor) {
  std::vector<float> out(static_cast<size_t>(tensor.numel()));
  tensor::copy_to(tensor, out);
  return out;
}

struct Decision {
  LatentState state;
  at::Tensor actions;  // [N, A] in [-1, 1]
};

Decision decision_of(const Agent::Impl& impl, int64_t width, std::span<const float> latents,
                     std::span<const float> actions) {
  const at::Tensor state = rows(impl, latents, width, "latents");
  const at::Tensor raw = rows(impl, actions, impl.spec.action_dim, "actions");
  if (state.size(0) != raw.size(0))
    throw std::invalid_argument(
        fmt::format("actions: expected {} rows, one a latent, found {}", state.size(0), raw.size(0)));
  return {worldmodel::unpacked(*impl.model, state), (raw - impl.action_low) / impl.action_span * 2.0 - 1.0};
}

}  // namespace

ModelFunctions::ModelFunctions(std::shared_ptr<Agent> agent) : agent_(std::move(agent)) {}

int64_t ModelFunctions::latent_width() const {
  return agent_->impl().model->feature_dim() + agent_->impl().model->memory_dim();
}

int64_t ModelFunctions::known_width() const { return contract::row_width(agent_->spec()); }

std::vector<float> ModelFunctions::encode(std::span<const float> observations,
                                          std::span<const float> states) const {
  at::NoGradGuard no_grad;
  const Agent::Impl& impl = agent_->impl();
  const at::Tensor seen = rows(impl, observations, impl.spec.observation_dim, "observations");
  if (!states.empty()) {
    const at::Tensor known = rows(impl, states, contract::state_feature_dim(impl.spec), "states");
    if (known.size(0) != seen.size(0))
      throw std::invalid_argument(
          fmt::format("states: expected {} rows, one an observation, found {}", seen.size(0), known.size(0)));
  }
  return numbers(worldmodel::packed(impl.start_at(observations, states)));
}

std::vector<float> ModelFunctions::step(std::span<const float> latents, std::span<const float> actions,
                                        std::span<float> uncertainty) const {
  at::NoGradGuard no_grad;
  const Agent::Impl& impl = agent_->impl();
  const Decision decision = decision_of(impl, latent_width(), latents, actions);
  const worldmodel::LatentStep next =
      impl.model->step(decision.state, decision.actions, !uncertainty.empty());
  if (!uncertainty.empty()) tensor::copy_to(next.uncertainty, uncertainty);
  return numbers(worldmodel::packed(next.state));
}

std::vector<float> ModelFunctions::reward(std::span<const float> latents,
                                          std::span<const float> actions) const {
  at::NoGradGuard no_grad;
  const Agent::Impl& impl = agent_->impl();
  const Decision decision = decision_of(impl, latent_width(), latents, actions);
  return numbers(impl.model->reward(decision.state, decision.actions) * impl.reward_scale);
}

std::vector<float> ModelFunctions::continuation(std::span<const float> latents,
                                                std::span<const float> actions) const {
  at::NoGradGuard no_grad;
  const Agent::Impl& impl = agent_->impl();
  const Decision decision = decision_of(impl, latent_width(), latents, actions);
  return numbers(impl.model->continuation(decision.state, decision.actions));
}

std::vector<float> ModelFunctions::decode(std::span<const float> latents) const {
  at::NoGradGuard no_grad;
  const Agent::Impl& impl = agent_->impl();
  const at::Tensor state = rows(impl, latents, latent_width(), "latents");
  return numbers(worldmodel::decoded(*impl.model, impl.probe, worldmodel::unpacked(*impl.model, state)));
}

}  // namespace reverie::policies
