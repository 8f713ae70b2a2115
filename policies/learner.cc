#include "policies/learner.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "base/flush_denormals.h"
#include "policies/learner_impl.h"
#include "tensor/device.h"
#include "tensor/tensor_io.h"
#include "tensor/two_hot_unit.h"

namespace reverie::policies {
namespace {

// Parameters of one optimiser, the encoder's at a rate of its own.
template <typename Network>
void add_segments(Network& network, double encoder_scale, std::vector<tensor::FlatSegment>& out) {
  visit(network, "", [&](const std::string& name, at::Tensor& tensor) {
    tensor.requires_grad_(true);
    out.push_back({tensor, name.starts_with("encoder.") ? encoder_scale : 1.0});
  });
}

// The critic comes last: its part of the flat buffer is what the target averages.
std::vector<tensor::FlatSegment> model_segments(Agent::Impl& agent, const LearnerConfig& config,
                                                Learn learn) {
  std::vector<tensor::FlatSegment> out;
  if (learn != Learn::kPolicy) add_segments(*agent.model, config.encoder_lr_scale, out);
  if (learn != Learn::kModel) add_segments(agent.critic, 1.0, out);
  return out;
}

template <typename Network>
std::vector<tensor::FlatSegment> segments_of(Network& network) {
  std::vector<tensor::FlatSegment> out;
  add_segments(network, 1.0, out);
  return out;
}

template <typename Network>
std::vector<at::Tensor> tensors_of(Network& network) {
  std::vector<at::Tensor> out;
  visit(network, "", [&](const std::string&, at::Tensor& tensor) { out.push_back(tensor); });
  return out;
}

tensor::AdamConfig adam_config(const LearnerConfig& config) {
  tensor::AdamConfig adam;
  adam.rate = config.learning_rate;
  adam.clip_norm = config.clip_norm;
  return adam;
}

// A stored moment, checked: a damaged or foreign file is the user's input.
at::Tensor moment(const base::SafeTensors& state, const std::string& name,
                  const tensor::FlatAdam& optimizer) {
  const at::Tensor stored = tensor::from_tensor_data(state.at(name));
  if (stored.sizes() != optimizer.values().sizes()) {
    base::throw_user_error("optimizer state: '{}' has {} entries, expected {}", name, stored.numel(),
                           optimizer.values().numel());
  }
  return stored.to(optimizer.values().device());
}

// A scalar of a checkpoint, or of the start, on the device.
at::Tensor scalar(double value, const at::Device& device) {
  return torch::full({}, value, torch::dtype(torch::kFloat32).device(device));
}

// The tensor itself on the CPU; on a GPU its numbers in the one tensor that the recorded work reads.
void set_input(at::Tensor& input, const at::Tensor& value, const at::Device& device) {
  if (device.is_cpu()) {
    input = value;
    return;
  }
  if (!input.defined()) input = at::empty_like(value, value.options().device(device));
  TORCH_CHECK(input.sizes() == value.sizes(), "learner: a batch of ", value.sizes(), " after batches of ",
              input.sizes());
  input.copy_(value);
}

// The model's losses, then the critic's, of what learns.
std::vector<worldmodel::LossWeight> weights_of_model(Agent::Impl& agent,
                                                     const std::vector<CriticLoss>& critic, Learn learn) {
  std::vector<worldmodel::LossWeight> out;
  if (learn != Learn::kPolicy) out = agent.model->losses();
  if (learn != Learn::kModel) {
    for (const worldmodel::LossWeight& weight : weights_of(critic, fields(agent.config, "")))
      out.push_back(weight);
  }
  worldmodel::check_names_differ(out);
  return out;
}

// A loss of weight 0 is not computed.
std::vector<ActorLoss> used_terms(const std::vector<ActorLoss>& terms, LearnerConfig& config) {
  const std::vector<worldmodel::LossWeight> weights = weights_of(terms, fields(config, ""));
  worldmodel::check_names_differ(weights);
  std::vector<ActorLoss> out;
  for (size_t i = 0; i < terms.size(); ++i) {
    if (weights[i].weight != 0.0) out.push_back(terms[i]);
  }
  return out;
}

void expect_learning_model(const Learner::Impl& learner) {
  if (!learner.model_learns()) throw std::logic_error("learner: the world model is frozen");
}

constexpr double kLeastEntropyWeight = 1e-6, kMostEntropyWeight = 1.0;
constexpr int64_t kProbeEvery = 2;  // updates; the probe has no hurry, and it is a tenth of the cost

}  // namespace

Learner::Impl::Impl(std::shared_ptr<Agent> agent_in, const LearnerConfig& config_in, uint64_t seed_in,
                    bool overlap, Learn learn)
    : agent(std::move(agent_in)),
      config(config_in),
      seed(seed_in),
      learns(learn),
      model_optimizer(model_segments(agent->impl(), config, learn), adam_config(config)),
      actor_optimizer(segments_of(agent->impl().actor), adam_config(config)),
      probe_optimizer(segments_of(agent->impl().probe), adam_config(config)),
      target(tensor::flatten(tensors_of(agent->impl().target_critic))),
      average(tensor::flatten(tensors_of(agent->impl().average_actor))),
      critic(model_optimizer.values_of(model_learns() ? tensors_of(*agent->impl().model).size() : 0,
                                       policy_learns() ? tensors_of(agent->impl().critic).size() : 0)),
      dream(agent->impl().model->frozen()),
      dream_critic(tensor::frozen(agent->impl().critic)),
      scale(scalar(1.0, target.device())),
      log_entropy_weight(
          scalar(std::log(std::max(config.entropy_weight, kLeastEntropyWeight)), target.device())),
      average_rate(scalar(1.0, target.device())),
      critic_terms(critic_losses(learn == Learn::kPolicy)),
      actor_terms(used_terms(actor_losses(), config)),
      model_weights(weights_of_model(agent->impl(), critic_terms, learn)),
      actor_weights(weights_of(actor_terms, fields(config, ""))),
      probe_loss_value(scalar(0.0, target.device())),
      pool(overlap && policy_learns() && agent->impl().device.is_cpu() ? 2 : 1) {
  if (!agent->impl().device.is_cpu()) {
    update_graph.emplace(agent->impl().device);
    probe_graph.emplace(agent->impl().device);
  }
}

// Noise of the model's and of the actor's part is drawn apart, so that neither depends on the other's size.
void Learner::Impl::set_inputs(const worldmodel::Batch& batch) {
  const Agent::Impl& a = agent->impl();
  const at::Device device = tensor::torch_device(a.device);
  const int64_t h = batch.actions.size(0), b = batch.actions.size(1), actions = a.spec.action_dim;
  const auto rng_of = [&](uint64_t part) {
    return contract::Rng(seed, part, contract::Stream::kLearner, static_cast<uint64_t>(updates));
  };
  contract::Rng model = rng_of(0), actor = rng_of(1);
  set_input(inputs.batch.observations, batch.observations, device);
  set_input(inputs.batch.actions, batch.actions, device);
  set_input(inputs.batch.rewards, batch.rewards / a.reward_scale, device);
  set_input(inputs.batch.terminated, batch.terminated, device);
  set_input(inputs.batch.mask, batch.mask, device);
  set_input(inputs.batch.states, batch.states, device);
  if (batch.between.defined()) set_input(inputs.batch.between, batch.between, device);
  if (!policy_learns()) return;
  set_input(inputs.target_noise, tensor::normal_tensor({config.value_expansion + 1, h * b, actions}, model),
            device);
  int64_t first = 0, second = 0;  // without replacement
  if (const int64_t count = a.critic.body.out.weight.size(0); count > 1) {
    first = model.below(count);
    second = (first + 1 + model.below(count - 1)) % count;
  }
  set_input(inputs.critic_pair, torch::tensor({first, second}), device);
  const int64_t starts = std::min(config.imagination_batch, (h + 1) * b);
  set_input(inputs.dream_noise,
            tensor::normal_tensor({config.imagination_horizon + 1, starts, actions}, actor), device);
  average_rate.fill_(1.0 / (1.0 + config.average_share * static_cast<double>(updates)));
}

// Both gradients are taken at the weights from before the update: neither waits for the other. The probe's follows
// from what the model predicted, and takes the thread that has less to do.
void Learner::Impl::learn(bool with_probe) {
  pool.run(policy_learns() ? 2 : 1, [&](int64_t part, int) {
    const base::FlushDenormals flush;
    tensor::adopt_learner_threads();
    if (part == 0) {
      result.model = model_gradient();
      if (with_probe) probe_loss_value = probe_gradient();
    } else {
      result.actor = actor_gradient();
    }
  });
  result.model_norm = model_optimizer.gradient_norm();
  if (!policy_learns()) {
    result.applied = at::isfinite(result.model_norm);
    model_optimizer.step(result.model_norm, result.applied);
    return;
  }
  result.actor_norm = actor_optimizer.gradient_norm();
  result.applied = at::isfinite(result.model_norm + result.actor_norm);
  model_optimizer.step(result.model_norm, result.applied);
  actor_optimizer.step(result.actor_norm, result.applied);
  follow(result.actor, result.applied);
}

void Learner::Impl::follow(const ActorPass& actor, const at::Tensor& applied) {
  at::NoGradGuard no_grad;
  scale.copy_(at::where(applied, actor.scale, scale));
  // Towards the target entropy (Haarnoja et al. 2018, sec. 5), in nats an action dimension.
  const at::Tensor missing =
      config.entropy_target - actor.entropy / static_cast<double>(agent->impl().spec.action_dim);
  const at::Tensor adapted = (log_entropy_weight + config.entropy_rate * missing)
                                 .clamp(std::log(kLeastEntropyWeight), std::log(kMostEntropyWeight));
  log_entropy_weight.copy_(at::where(applied, adapted, log_entropy_weight));
  tensor::polyak_update(target, critic, applied * config.target_rate);
  tensor::polyak_update(average, actor_optimizer.values(), applied * average_rate);
}

void Learner::Impl::learn_probe() {
  probe_loss_value = probe_gradient();
  probe_optimizer.step();
}

std::map<std::string, double> Learner::Impl::stats() const {
  std::map<std::string, double> out;
  const auto add = [&](const std::string& name, const at::Tensor& value) {
    out[name] = value.item<double>();
  };
  for (const auto& [name, value] : result.model.statistics) add(name, value);
  for (const auto& [name, value] : result.actor.statistics) add(name, value);
  add(model_learns() ? "model/grad_norm" : "critic/grad_norm", result.model_norm);
  if (policy_learns()) add("actor/grad_norm", result.actor_norm);
  if (model_learns()) add("probe/loss", probe_loss_value);
  const double unit = agent->reward_scale();
  for (const char* name : {"actor/imagined_return", "actor/scale"}) {  // in the task's units
    if (const auto found = out.find(name); found != out.end()) found->second *= unit;
  }
  return out;
}

UpdateStats Learner::Impl::update(const worldmodel::Batch& batch, bool want_stats) {
  const base::FlushDenormals flush;
  set_inputs(batch);
  const bool with_probe = model_learns() && updates % kProbeEvery == 0;
  if (update_graph && probe_graph) {  // what is recorded is the same at every update
    update_graph->run([this] { learn(false); });
    if (with_probe) probe_graph->run([this] { learn_probe(); });
  } else {
    learn(with_probe);
    if (with_probe) probe_optimizer.step();
  }
  UpdateStats out;
  out.skipped = !result.applied.item<bool>();
  if (want_stats) out.values = stats();
  ++updates;
  return out;
}

Learner::Learner(std::shared_ptr<Agent> agent, const LearnerConfig& config, uint64_t seed, bool overlap,
                 Learn learn)
    : impl_(std::make_unique<Impl>(std::move(agent), config, seed, overlap, learn)) {}
Learner::~Learner() = default;

UpdateStats Learner::update(const worldmodel::Batch& batch, bool want_stats) {
  return impl_->update(batch, want_stats);
}

int64_t Learner::updates() const { return impl_->updates; }

void Learner::set_statistics(const RowStatistics& rows) {
  expect_learning_model(*impl_);
  Agent::Impl& agent = impl_->agent->impl();
  const auto tensor = [&](const std::vector<float>& values, int64_t count) {
    return agent.to_device(tensor::tensor_from(values, {std::ssize(values)})).slice(0, 0, count);
  };
  const int64_t width = std::ssize(rows.mean), observation = agent.spec.observation_dim;
  worldmodel::set_normalisation(agent.probe, tensor(rows.mean, width), tensor(rows.deviation, width));
  worldmodel::ObservationStatistics statistics{
      tensor(rows.mean, observation), tensor(rows.deviation, observation), tensor(rows.change, observation),
      tensor(rows.low, observation), tensor(rows.high, observation)};
  if (agent.model->reads_states() && !rows.sample.empty()) {
    const auto sample = [&](const std::vector<float>& values) {
      return tensor(values, std::ssize(values)).view({-1, width});
    };
    statistics.rows = sample(rows.sample);
    statistics.next = sample(rows.sample_next);
  }
  const worldmodel::FeatureChange change = agent.model->set_statistics(statistics);
  worldmodel::apply(change, agent.probe.body.hidden[0].weight, agent.probe.body.hidden[0].bias);
  if (!impl_->policy_learns()) return;
  for (tensor::Mlp* reader : {&agent.critic.body, &agent.target_critic.body})
    worldmodel::apply(change, reader->hidden[0].weight, reader->hidden[0].bias);
  const worldmodel::FeatureChange seen = worldmodel::first_of(change, agent.model->seen_dim());
  for (tensor::Mlp* reader : {&agent.actor.body, &agent.average_actor.body})
    worldmodel::apply(seen, reader->hidden[0].weight, reader->hidden[0].bias);
}

void Learner::set_progress(double progress) {
  const LearnerConfig& c = impl_->config;
  const double into_decay =
      c.decay_share > 0.0 ? std::clamp((progress - (1.0 - c.decay_share)) / c.decay_share, 0.0, 1.0) : 0.0;
  const double rate = c.learning_rate * (1.0 - into_decay * (1.0 - c.final_lr_scale));
  impl_->for_each_optimizer(
      [&](const std::string&, tensor::FlatAdam& optimizer) { optimizer.set_rate(rate); });
}

void Learner::set_reward_scale(double scale) {
  expect_learning_model(*impl_);
  at::NoGradGuard no_grad;
  Agent::Impl& agent = impl_->agent->impl();
  const double factor = scale / impl_->agent->reward_scale();
  if (factor == 1.0) return;
  agent.reward_scale.fill_(scale);
  if (impl_->updates == 0) return;  // nothing is known yet
  agent.model->divide_rewards(factor);
  if (!impl_->policy_learns()) return;
  for (const Critic* critic : {&agent.critic, &agent.target_critic})
    tensor::divide_predictions(critic->body.out, critic->bin_low, critic->bin_high, factor);
  impl_->scale.copy_(impl_->scale / factor);
}

base::SafeTensors Learner::state() const {
  base::SafeTensors out;
  out.tensors["updates"] = base::make_tensor<int64_t>(std::array{impl_->updates}, {1});
  out.tensors["scale"] = base::make_tensor<double>(std::array{impl_->scale.item<double>()}, {1});
  out.tensors["log_entropy_weight"] =
      base::make_tensor<double>(std::array{impl_->log_entropy_weight.item<double>()}, {1});
  impl_->for_each_optimizer([&](const std::string& name, tensor::FlatAdam& optimizer) {
    out.tensors[name + ".steps"] = base::make_tensor<int64_t>(std::array{optimizer.steps()}, {1});
    out.tensors[name + ".first_moment"] = tensor::to_tensor_data(optimizer.first_moment());
    out.tensors[name + ".second_moment"] = tensor::to_tensor_data(optimizer.second_moment());
  });
  return out;
}

void Learner::load_state(const base::SafeTensors& state) {
  impl_->for_each_optimizer([&](const std::string& name, tensor::FlatAdam& optimizer) {
    optimizer.restore(moment(state, name + ".first_moment", optimizer),
                      moment(state, name + ".second_moment", optimizer),
                      base::tensor_values<int64_t>(state.at(name + ".steps"))[0]);
  });
  impl_->updates = base::tensor_values<int64_t>(state.at("updates"))[0];
  impl_->scale.fill_(base::tensor_values<double>(state.at("scale"))[0]);
  if (state.tensors.contains("log_entropy_weight")) {  // not in states of before it adapted
    impl_->log_entropy_weight.fill_(base::tensor_values<double>(state.at("log_entropy_weight"))[0]);
  }
}

}  // namespace reverie::policies
