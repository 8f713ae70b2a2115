#include "policies/agent.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "policies/agent_impl.h"
#include "tensor/tensor_io.h"
#include "worldmodel/imagined_world.h"
#include "worldmodel/make_latent_model.h"

namespace reverie::policies {
namespace {

// Everything that has weights, including the probe's fixed normalisation.
void visit_stored(Agent::Impl& impl, const tensor::ParameterVisitor& f) {
  visit_all(impl, f);
  impl.model->visit_statistics("model.", f);
  f("probe.mean", impl.probe.mean);
  f("probe.scale", impl.probe.scale);
}

constexpr const char* kRewardScale = "reward_scale";

// 1 where none is stored: the rewards fit as they are, or nobody had asked yet.
at::Tensor stored_reward_scale(const base::SafeTensors& weights) {
  const auto found = weights.tensors.find(kRewardScale);
  if (found == weights.tensors.end()) return torch::ones({}, torch::kFloat32);
  const at::Tensor scale = tensor::from_tensor_data(found->second);
  if (scale.numel() != 1 || !(scale.item<double>() > 0.0) || !std::isfinite(scale.item<double>()))
    base::throw_user_error("weights: tensor '{}' is not one positive number", kRewardScale);
  return scale.reshape({}).to(torch::kFloat32);
}

struct AgentSettings {
  const contract::EnvSpec& spec;
  const worldmodel::ModelConfig& model;
  const LearnerConfig& learner;
  int action_repeat;
  tensor::Device device;
};

// Everything but the model, which is there already.
void initialise(Agent::Impl& impl, const AgentSettings& settings, contract::Rng& rng) {
  const contract::EnvSpec& spec = settings.spec;
  const int64_t features = impl.model->feature_dim();
  impl.spec = spec;
  impl.action_repeat = settings.action_repeat;
  impl.device = settings.device;
  impl.config = settings.model;
  impl.actor = make_actor(impl.model->seen_dim(), settings.model, settings.learner, spec.action_dim, rng);
  impl.critic = make_critic(features, settings.model, settings.learner, spec.action_dim, rng);
  impl.probe = worldmodel::make_probe(features, settings.model.probe_dim, contract::row_width(spec), rng);
  impl.target_critic = tensor::cloned(impl.critic);
  impl.average_actor = tensor::cloned(impl.actor);
  impl.reward_scale = torch::ones({}, torch::kFloat32);
  impl.noise_octaves = settings.learner.noise_octaves;
  impl.action_low = impl.to_device(tensor::tensor_from(spec.action_low, {spec.action_dim}));
  impl.action_span =
      impl.to_device(tensor::tensor_from(spec.action_high, {spec.action_dim})) - impl.action_low;
  visit_stored(impl, [&](const std::string&, at::Tensor& t) { t = impl.to_device(t); });
}

at::Tensor env_action(const Agent::Impl& impl,
                      const at::Tensor& action) {  // [-1, 1] -> the environment's range
  return impl.action_low + (action + 1.0) * 0.5 * impl.action_span;
}

at::Tensor rows(const Agent::Impl& impl, std::span<const float> values, int64_t width) {
  return impl.to_device(tensor::tensor_from(values, {static_cast<int64_t>(values.size()) / width, width}));
}

}  // namespace

at::Tensor Agent::Impl::to_device(const at::Tensor& t) const { return t.to(tensor::torch_device(device)); }

worldmodel::LatentState Agent::Impl::start_at(std::span<const float> observations,
                                              std::span<const float> states) const {
  const at::Tensor seen = rows(*this, observations, spec.observation_dim);
  if (!model->reads_states()) return worldmodel::start_at(*model, seen);
  if (states.empty()) {
    base::throw_user_error("model.kind={} plans only where positions and velocities are known", config.kind);
  }
  return worldmodel::start_at(*model, seen, rows(*this, states, contract::state_feature_dim(spec)));
}

at::Tensor Agent::Impl::seen_at(std::span<const float> observations) const {
  return model->seen({.observations = rows(*this, observations, spec.observation_dim).unsqueeze(0),
                      .actions = {},
                      .known = {},
                      .states = {}});
}

void visit_all(Agent::Impl& impl, const tensor::ParameterVisitor& f) {
  visit(*impl.model, "model.", f);
  visit(impl.critic, "critic.", f);
  visit(impl.actor, "actor.", f);
  visit(impl.probe, "probe.", f);
  visit(impl.target_critic, "target_critic.", f);
  visit(impl.average_actor, "average_actor.", f);
}

Agent::Agent(const contract::EnvSpec& spec, const worldmodel::ModelConfig& model,
             const LearnerConfig& learner, int action_repeat, uint64_t seed, tensor::Device device)
    : impl_(std::make_unique<Impl>()) {
  worldmodel::check_config(model);
  contract::Rng rng(seed, 0, contract::Stream::kInit);
  impl_->model = worldmodel::make_latent_model(model.kind, spec, action_repeat, model, rng);
  initialise(*impl_, {spec, model, learner, action_repeat, device}, rng);
}

Agent::Agent(const contract::EnvSpec& spec, std::unique_ptr<worldmodel::LatentModel> model,
             const worldmodel::ModelConfig& config, const LearnerConfig& learner, int action_repeat,
             uint64_t seed, tensor::Device device)
    : impl_(std::make_unique<Impl>()) {
  contract::Rng rng(seed, 0, contract::Stream::kInit);
  impl_->model = std::move(model);
  initialise(*impl_, {spec, config, learner, action_repeat, device}, rng);
}

Agent::~Agent() = default;

const contract::EnvSpec& Agent::spec() const { return impl_->spec; }
int Agent::action_repeat() const { return impl_->action_repeat; }
tensor::Device Agent::device() const { return impl_->device; }

double Agent::reward_scale() const { return impl_->reward_scale.item<double>(); }

bool Agent::reads_states() const { return impl_->model->reads_states(); }

int64_t Agent::parameter_count() const {
  int64_t count = 0;
  const tensor::ParameterVisitor add = [&](const std::string&, at::Tensor& t) { count += t.numel(); };
  visit(*impl_->model, "", add);
  visit(impl_->critic, "", add);
  visit(impl_->actor, "", add);
  return count;
}

void Agent::act(std::span<const float> observations, std::span<float> actions) {
  at::NoGradGuard no_grad;
  const at::Tensor z = impl_->seen_at(observations);
  tensor::copy_to(env_action(*impl_, mean_action(impl_->average_actor, z)), actions);
}

void Agent::act_latent(std::span<const float> latents, std::span<float> actions) {
  at::NoGradGuard no_grad;
  const worldmodel::LatentModel& model = *impl_->model;
  const at::Tensor z =
      worldmodel::unpacked(model, rows(*impl_, latents, model.feature_dim() + model.memory_dim())).features;
  tensor::copy_to(env_action(*impl_, mean_action(impl_->average_actor, worldmodel::seen_of(model, z))),
                  actions);
}

void Agent::value(std::span<const float> latents, std::span<float> values) {
  at::NoGradGuard no_grad;
  const worldmodel::LatentModel& model = *impl_->model;
  const at::Tensor z =
      worldmodel::unpacked(model, rows(*impl_, latents, model.feature_dim() + model.memory_dim())).features;
  const at::Tensor action = mean_action(impl_->average_actor, worldmodel::seen_of(model, z));
  tensor::copy_to(critic_values(impl_->critic, z, action).mean(0) * impl_->reward_scale, values);
}

void Agent::explore(std::span<const float> observations, std::span<const contract::DrawKey> keys,
                    std::span<float> actions) {
  at::NoGradGuard no_grad;
  const at::Tensor z = impl_->seen_at(observations);
  at::Tensor noise = torch::empty({z.size(0), impl_->spec.action_dim}, torch::kFloat32);
  auto* data = noise.data_ptr<float>();
  const auto width = static_cast<size_t>(impl_->spec.action_dim);
  for (const contract::DrawKey& key : keys) {
    exploration_noise(key, impl_->noise_octaves, {data, width});
    data += width;
  }
  const at::Tensor action = sample_action(impl_->actor, z, impl_->to_device(noise)).action;
  tensor::copy_to(env_action(*impl_, action), actions);
}

void Agent::reconstruct(std::span<const float> observations, std::span<float> decoded) {
  if (reads_states()) {
    std::ranges::copy(observations, decoded.begin());
    return;
  }
  at::NoGradGuard no_grad;
  const at::Tensor all = worldmodel::decoded(*impl_->model, impl_->probe, impl_->start_at(observations, {}));
  tensor::copy_to(all.slice(1, 0, impl_->spec.observation_dim), decoded);
}

std::unique_ptr<contract::World> Agent::imagined_world() {
  return worldmodel::make_imagined_world(impl_->spec, impl_->action_repeat, *impl_->model, impl_->probe,
                                         impl_->action_low, impl_->action_span, impl_->reward_scale);
}

base::SafeTensors Agent::weights() const {
  base::SafeTensors out;
  visit_stored(
      *impl_, [&](const std::string& name, at::Tensor& t) { out.tensors[name] = tensor::to_tensor_data(t); });
  if (reward_scale() != 1.0) out.tensors[kRewardScale] = tensor::to_tensor_data(impl_->reward_scale);
  return out;
}

void Agent::load_weights(const base::SafeTensors& weights) {
  std::set<std::string> known;
  // Check everything first: a damaged file changes nothing.
  visit_stored(*impl_, [&](const std::string& name, at::Tensor& t) {
    const base::TensorData& stored = weights.at(name);
    if (stored.dtype != base::DType::kF32 || stored.shape != t.sizes().vec()) {
      base::throw_user_error("weights: tensor '{}' has shape [{}] {}, expected [{}] F32", name,
                             fmt::join(stored.shape, ", "), base::dtype_name(stored.dtype),
                             fmt::join(t.sizes().vec(), ", "));
    }
    known.insert(name);
  });
  const at::Tensor reward_scale = stored_reward_scale(weights);
  known.insert(kRewardScale);
  for (const auto& [name, unused] : weights.tensors) {
    if (!known.contains(name))
      base::throw_user_error("weights: unknown tensor '{}' for this configuration", name);
  }
  at::NoGradGuard no_grad;
  visit_stored(*impl_, [&](const std::string& name, at::Tensor& t) {
    t.copy_(impl_->to_device(tensor::from_tensor_data(weights.at(name))));
  });
  impl_->reward_scale.copy_(reward_scale);
}

void Agent::copy_weights(const Agent& from) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> theirs;
  visit_stored(*from.impl_, [&](const std::string&, at::Tensor& t) { theirs.push_back(t); });
  auto next = theirs.begin();
  visit_stored(*impl_, [&](const std::string&, at::Tensor& t) { t.copy_(*next++); });
  impl_->reward_scale.copy_(from.impl_->reward_scale);
}

}  // namespace reverie::policies
