#include "policies/learner.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "policies/agent_impl.h"
#include "policies/imagination.h"
#include "policies/returns.h"
#include "worldmodel/batch.h"
#include "worldmodel/flat_optimizer.h"
#include "worldmodel/fused.h"
#include "worldmodel/tensor_io.h"

namespace reverie {
namespace {

// Parameters of one optimiser, the encoder's at a rate of its own.
template <typename Network>
void add_segments(Network& network, double encoder_scale, std::vector<FlatSegment>& out) {
  visit(network, "", [&](const std::string& name, at::Tensor& tensor) {
    tensor.requires_grad_(true);
    out.push_back({tensor, name.starts_with("encoder.") ? encoder_scale : 1.0});
  });
}

// The critic comes last: its part of the flat buffer is what the target averages.
std::vector<FlatSegment> model_segments(Agent::Impl& agent, const LearnerConfig& config) {
  std::vector<FlatSegment> out;
  add_segments(agent.model, config.encoder_lr_scale, out);
  add_segments(agent.critic, 1.0, out);
  return out;
}

template <typename Network>
std::vector<FlatSegment> segments_of(Network& network) {
  std::vector<FlatSegment> out;
  add_segments(network, 1.0, out);
  return out;
}

template <typename Network>
std::vector<at::Tensor> tensors_of(Network& network) {
  std::vector<at::Tensor> out;
  visit(network, "", [&](const std::string&, at::Tensor& tensor) { out.push_back(tensor); });
  return out;
}

AdamConfig adam_config(const LearnerConfig& config) {
  AdamConfig adam;
  adam.rate = config.learning_rate;
  adam.clip_norm = config.clip_norm;
  return adam;
}

// A stored moment, checked: a damaged or foreign file is the user's input.
at::Tensor moment(const SafeTensors& state, const std::string& name, const FlatAdam& optimizer) {
  const at::Tensor stored = from_tensor_data(state.at(name));
  if (stored.sizes() != optimizer.values().sizes()) {
    throw_user_error("optimizer state: '{}' has {} entries, expected {}", name, stored.numel(),
                     optimizer.values().numel());
  }
  return stored.to(optimizer.values().device());
}

constexpr double kLeastEntropyWeight = 1e-6, kMostEntropyWeight = 1.0;
constexpr int64_t kProbeEvery = 2;  // updates; the probe has no hurry, and it is a tenth of the cost

}  // namespace

struct Learner::Impl {
  std::shared_ptr<Agent> agent;
  LearnerConfig config;
  uint64_t seed = 0;
  int64_t updates = 0;
  double scale = 1.0;  // running 5-95 percentile range of imagined returns
  double log_entropy_weight = 0.0;

  FlatAdam model_optimizer, actor_optimizer, probe_optimizer;
  at::Tensor target;   // the target critic's parameters
  at::Tensor average;  // the average actor's
  at::Tensor critic;   // the critic's part of the model optimiser's buffer, in the target's order
  WorldModel dream;    // the model and critic as imagination sees them: without gradients
  Critic dream_critic;
  at::Tensor last_probe_loss = at::zeros({});

  Impl(std::shared_ptr<Agent> agent_in, const LearnerConfig& config_in, uint64_t seed_in);
  UpdateStats update(const Batch& batch, bool want_stats);

  at::Tensor noise(std::vector<int64_t> shape, Rng& rng) const {
    return agent->impl().to_device(normal_tensor(std::move(shape), rng));
  }
  at::Tensor smallest_of_two(const at::Tensor& values, Rng& rng) const;
  at::Tensor critic_targets(const Batch& batch, const at::Tensor& next_latents, Rng& rng) const;
  at::Tensor critic_loss(const Batch& batch, const Unrolled& unrolled, const at::Tensor& targets) const;
  bool update_model(const Batch& batch, Unrolled& unrolled, Rng& rng, UpdateStats* stats);
  at::Tensor behaviour_loss(const Batch& batch, const at::Tensor& starts) const;
  bool update_actor(const Batch& batch, const at::Tensor& starts, Rng& rng, UpdateStats* stats);
  void adapt_entropy_weight(double entropy);
  void update_probe(const Batch& batch, const Unrolled& unrolled);

  template <typename F>
  void for_each_optimizer(const F& f) {
    f("model", model_optimizer);
    f("actor", actor_optimizer);
    f("probe", probe_optimizer);
  }
};

Learner::Impl::Impl(std::shared_ptr<Agent> agent_in, const LearnerConfig& config_in, uint64_t seed_in)
    : agent(std::move(agent_in)),
      config(config_in),
      seed(seed_in),
      log_entropy_weight(std::log(std::max(config.entropy_weight, kLeastEntropyWeight))),
      model_optimizer(model_segments(agent->impl(), config), adam_config(config)),
      actor_optimizer(segments_of(agent->impl().actor), adam_config(config)),
      probe_optimizer(segments_of(agent->impl().probe), adam_config(config)),
      target(flatten(tensors_of(agent->impl().target_critic))),
      average(flatten(tensors_of(agent->impl().average_actor))),
      critic(model_optimizer.values_of(tensors_of(agent->impl().model).size(),
                                       tensors_of(agent->impl().critic).size())),
      dream(frozen(agent->impl().model)),
      dream_critic(frozen(agent->impl().critic)) {}

// Minimum over two critics drawn without replacement (REDQ; TD-MPC2): values [C, N] -> [N].
at::Tensor Learner::Impl::smallest_of_two(const at::Tensor& values, Rng& rng) const {
  const int64_t count = values.size(0);
  if (count == 1) return values[0];
  const int64_t first = rng.below(count);
  const int64_t second = (first + 1 + rng.below(count - 1)) % count;
  return at::minimum(values[first], values[second]);
}

// Squared distance of the policy's mean actions to the recorded ones (Fujimoto & Gu 2021, TD3+BC). starts [N,
// Z] are the embeddings of o_0, then o_1, ...; a_t was taken at o_t.
at::Tensor Learner::Impl::behaviour_loss(const Batch& batch, const at::Tensor& starts) const {
  const at::Tensor recorded = batch.actions.flatten(0, 1).slice(0, 0, starts.size(0));  // [M, A], M <= N
  const at::Tensor mask = batch.mask.flatten().slice(0, 0, starts.size(0));
  const at::Tensor chosen = mean_action(agent->impl().actor, starts.slice(0, 0, recorded.size(0)));
  return ((chosen - recorded).square().mean(-1) * mask).mean();
}

// Targets at the true next embeddings: what the current policy earns there in `value_expansion` imagined
// decisions, then the target critic (Feinberg et al. 2018). next_latents [H, B, Z] -> [H*B].
at::Tensor Learner::Impl::critic_targets(const Batch& batch, const at::Tensor& next_latents, Rng& rng) const {
  at::NoGradGuard no_grad;
  const Agent::Impl& a = agent->impl();
  const at::Tensor z = next_latents.flatten(0, 1);
  const at::Tensor eps = noise({config.value_expansion + 1, z.size(0), a.spec.action_dim}, rng);
  const ImaginedRollout rollout = imagine_policy(a.model, a.actor, z, eps, config.uncertainty_weight != 0.0);
  const at::Tensor bootstrap =
      smallest_of_two(critic_values(a.target_critic, rollout.latent, rollout.action), rng);
  const at::Tensor value = rollout_return(rollout, bootstrap, config.discount, config.uncertainty_weight);
  return td_target(batch.rewards.flatten(), batch.terminated.flatten(), value, config.discount);
}

at::Tensor Learner::Impl::critic_loss(const Batch& batch, const Unrolled& unrolled,
                                      const at::Tensor& targets) const {
  const Agent::Impl& a = agent->impl();
  const at::Tensor logits =
      critic_logits(a.critic, unrolled.latents.flatten(0, 1), batch.actions.flatten(0, 1));  // [C, H*B, bins]
  const at::Tensor error =
      two_hot_cross_entropy(logits, targets, a.critic.bin_low, a.critic.bin_high).mean(0);
  return (error * step_weights(batch.mask, a.model.config.rho).flatten()).sum();
}

bool Learner::Impl::update_model(const Batch& batch, Unrolled& unrolled, Rng& rng, UpdateStats* stats) {
  const Agent::Impl& a = agent->impl();
  const ModelConfig& c = a.model.config;
  model_optimizer.zero_gradients();
  unrolled = unroll(a.model, batch);
  const at::Tensor value = critic_loss(batch, unrolled, critic_targets(batch, unrolled.targets, rng));
  at::Tensor loss = c.consistency_weight * unrolled.consistency + c.reward_weight * unrolled.reward +
                    c.value_weight * value;
  if (a.model.has_continuation) loss = loss + c.continuation_weight * unrolled.continuation;
  loss.backward();
  const AdamStep step = model_optimizer.step();
  if (stats != nullptr) {
    stats->values["model/loss"] = loss.item<double>();
    stats->values["model/consistency"] = unrolled.consistency.item<double>();
    stats->values["model/reward"] = unrolled.reward.item<double>();
    stats->values["model/grad_norm"] = step.gradient_norm;
    stats->values["critic/loss"] = value.item<double>();
    if (a.model.has_continuation) stats->values["model/continuation"] = unrolled.continuation.item<double>();
  }
  return step.applied;
}

// Towards the target entropy (Haarnoja et al. 2018, sec. 5), in nats an action dimension.
void Learner::Impl::adapt_entropy_weight(double entropy) {
  log_entropy_weight =
      std::clamp(log_entropy_weight + config.entropy_rate * (config.entropy_target - entropy),
                 std::log(kLeastEntropyWeight), std::log(kMostEntropyWeight));
}

// Gradients flow from imagined rewards and the final value through the frozen dynamics into the actor.
bool Learner::Impl::update_actor(const Batch& batch, const at::Tensor& starts, Rng& rng, UpdateStats* stats) {
  const Agent::Impl& a = agent->impl();
  const int64_t n = starts.size(0), steps = config.imagination_horizon;
  const at::Tensor eps = noise({steps + 1, n, a.spec.action_dim}, rng);
  actor_optimizer.zero_gradients();
  const ImaginedRollout rollout =
      imagine_policy(dream, a.actor, starts, eps, config.uncertainty_weight != 0.0);
  const at::Tensor bootstrap = critic_values(dream_critic, rollout.latent, rollout.action).mean(0);  // [N]
  const at::Tensor returns = rollout_return(rollout, bootstrap, config.discount, config.uncertainty_weight);
  scale += config.scale_rate * (percentile_range(returns) - scale);
  const at::Tensor entropy = -at::stack(rollout.log_probs).mean();
  const double weight = config.entropy_rate > 0.0 ? std::exp(log_entropy_weight) : config.entropy_weight;
  at::Tensor loss = -(returns.mean() / std::max(1.0, scale)) - weight * entropy;
  if (config.behaviour_weight > 0.0) loss = loss + config.behaviour_weight * behaviour_loss(batch, starts);
  loss.backward();
  const AdamStep step = actor_optimizer.step();
  if (step.applied) adapt_entropy_weight(entropy.item<double>() / static_cast<double>(a.spec.action_dim));
  if (stats != nullptr) {
    stats->values["actor/entropy_weight"] = weight;
    stats->values["actor/imagined_return"] = returns.mean().item<double>();
    stats->values["actor/entropy"] = entropy.item<double>();
    stats->values["actor/scale"] = scale;
    stats->values["actor/grad_norm"] = step.gradient_norm;
  }
  return step.applied;
}

// On embeddings of what was seen and on predicted latents alike: the ghost is drawn from predictions.
void Learner::Impl::update_probe(const Batch& batch, const Unrolled& unrolled) {
  const at::Tensor targets = at::cat({batch.observations, batch.states}, -1);  // [H+1, B, D]
  const at::Tensor predicted = at::cat({unrolled.latents.slice(0, 1).detach(), unrolled.last.unsqueeze(0)});
  const at::Tensor latents =
      at::cat({unrolled.latents[0].detach().unsqueeze(0), unrolled.targets, predicted});
  const at::Tensor wanted = at::cat({targets, targets.slice(0, 1)});
  const at::Tensor mask = at::cat({at::ones_like(batch.mask.slice(0, 0, 1)), batch.mask, batch.mask});
  const at::Tensor weight = (mask / static_cast<double>(mask.numel())).flatten();
  probe_optimizer.zero_gradients();
  const at::Tensor loss =
      probe_loss(agent->impl().probe, latents.flatten(0, 1), wanted.flatten(0, 1), weight);
  loss.backward();
  probe_optimizer.step();
  last_probe_loss = loss.detach();
}

UpdateStats Learner::Impl::update(const Batch& batch, bool want_stats) {
  UpdateStats stats;
  UpdateStats* wanted = want_stats ? &stats : nullptr;
  Rng rng(seed, 0, Stream::kLearner, static_cast<uint64_t>(updates));
  Unrolled unrolled;
  stats.skipped = !update_model(batch, unrolled, rng, wanted);
  // Replayed latents, newest rows of the sequences first; the dream starts where the data is.
  const at::Tensor starts = at::cat({unrolled.latents[0].detach(), unrolled.targets.flatten(0, 1)})
                                .slice(0, 0, config.imagination_batch);
  if (!stats.skipped) stats.skipped = !update_actor(batch, starts, rng, wanted);
  if (!stats.skipped) {
    polyak_update(target, critic, config.target_rate);
    polyak_update(average, actor_optimizer.values(),
                  1.0 / (1.0 + config.average_share * static_cast<double>(updates)));
  }
  if (updates % kProbeEvery == 0) update_probe(batch, unrolled);
  if (want_stats) stats.values["probe/loss"] = last_probe_loss.item<double>();
  ++updates;
  return stats;
}

Learner::Learner(std::shared_ptr<Agent> agent, const LearnerConfig& config, uint64_t seed)
    : impl_(std::make_unique<Impl>(std::move(agent), config, seed)) {}
Learner::~Learner() = default;

UpdateStats Learner::update(const Batch& batch, bool want_stats) { return impl_->update(batch, want_stats); }

int64_t Learner::updates() const { return impl_->updates; }

void Learner::set_probe_normalisation(const std::vector<float>& mean, const std::vector<float>& deviation) {
  Agent::Impl& agent = impl_->agent->impl();
  const auto n = static_cast<int64_t>(mean.size());
  set_normalisation(agent.probe, agent.to_device(tensor_from(mean, {n})),
                    agent.to_device(tensor_from(deviation, {n})));
}

void Learner::set_progress(double progress) {
  const LearnerConfig& c = impl_->config;
  const double into_decay =
      c.decay_share > 0.0 ? std::clamp((progress - (1.0 - c.decay_share)) / c.decay_share, 0.0, 1.0) : 0.0;
  const double rate = c.learning_rate * (1.0 - into_decay * (1.0 - c.final_lr_scale));
  impl_->for_each_optimizer([&](const std::string&, FlatAdam& optimizer) { optimizer.set_rate(rate); });
}

SafeTensors Learner::state() const {
  SafeTensors out;
  out.tensors["updates"] = make_tensor<int64_t>(std::array{impl_->updates}, {1});
  out.tensors["scale"] = make_tensor<double>(std::array{impl_->scale}, {1});
  out.tensors["log_entropy_weight"] = make_tensor<double>(std::array{impl_->log_entropy_weight}, {1});
  impl_->for_each_optimizer([&](const std::string& name, FlatAdam& optimizer) {
    out.tensors[name + ".steps"] = make_tensor<int64_t>(std::array{optimizer.steps()}, {1});
    out.tensors[name + ".first_moment"] = to_tensor_data(optimizer.first_moment());
    out.tensors[name + ".second_moment"] = to_tensor_data(optimizer.second_moment());
  });
  return out;
}

void Learner::load_state(const SafeTensors& state) {
  impl_->for_each_optimizer([&](const std::string& name, FlatAdam& optimizer) {
    optimizer.restore(moment(state, name + ".first_moment", optimizer),
                      moment(state, name + ".second_moment", optimizer),
                      tensor_values<int64_t>(state.at(name + ".steps"))[0]);
  });
  impl_->updates = tensor_values<int64_t>(state.at("updates"))[0];
  impl_->scale = tensor_values<double>(state.at("scale"))[0];
  if (state.tensors.contains("log_entropy_weight")) {  // not in states of before it adapted
    impl_->log_entropy_weight = tensor_values<double>(state.at("log_entropy_weight"))[0];
  }
}

}  // namespace reverie
