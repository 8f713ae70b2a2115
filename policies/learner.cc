#include "policies/learner.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
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

  ThreadPool pool;  // two threads, or one where nothing overlaps: a GPU's stream does one thing at a time

  Impl(std::shared_ptr<Agent> agent_in, const LearnerConfig& config_in, uint64_t seed_in, bool overlap);
  UpdateStats update(const Batch& batch, bool want_stats);

  // What a backward pass leaves beside the gradients.
  struct ModelPass {
    Unrolled unrolled;
    at::Tensor loss, value;  // scalars: the whole loss, the critic's part
  };
  struct ActorPass {
    at::Tensor returns, entropy;  // [N], scalar
    double scale = 1.0, entropy_weight = 0.0;
  };

  // Independent draws for the parts of an update that may run at the same time.
  enum class Part : uint8_t { kModel, kActor };
  Rng draws(Part part) const {
    return {seed, static_cast<uint64_t>(part), Stream::kLearner, static_cast<uint64_t>(updates)};
  }
  at::Tensor noise(const std::vector<int64_t>& shape, Rng& rng) const {
    return agent->impl().to_device(normal_tensor(shape, rng));
  }
  at::Tensor smallest_of_two(const at::Tensor& values, Rng& rng) const;
  at::Tensor critic_targets(const Batch& batch, const at::Tensor& next_latents) const;
  at::Tensor critic_loss(const Batch& batch, const Unrolled& unrolled, const at::Tensor& targets) const;
  ModelPass model_gradient(const Batch& batch);
  at::Tensor dream_starts(const Batch& batch) const;
  at::Tensor behaviour_loss(const Batch& batch, const at::Tensor& starts) const;
  ActorPass actor_gradient(const Batch& batch);
  void adapt_entropy_weight(double entropy);
  void add_stats(const ModelPass& model, const ActorPass& actor, std::map<std::string, double>& out) const;
  void update_probe(const Batch& batch, const Unrolled& unrolled);

  template <typename F>
  void for_each_optimizer(const F& f) {
    f("model", model_optimizer);
    f("actor", actor_optimizer);
    f("probe", probe_optimizer);
  }
};

Learner::Impl::Impl(std::shared_ptr<Agent> agent_in, const LearnerConfig& config_in, uint64_t seed_in,
                    bool overlap)
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
      dream_critic(frozen(agent->impl().critic)),
      pool(overlap && agent->impl().device == "cpu" ? 2 : 1) {}

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
at::Tensor Learner::Impl::critic_targets(const Batch& batch, const at::Tensor& next_latents) const {
  at::NoGradGuard no_grad;
  const Agent::Impl& a = agent->impl();
  Rng rng = draws(Part::kModel);
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

Learner::Impl::ModelPass Learner::Impl::model_gradient(const Batch& batch) {
  const Agent::Impl& a = agent->impl();
  const ModelConfig& c = a.model.config;
  model_optimizer.zero_gradients();
  ModelPass pass;
  pass.unrolled = unroll(a.model, batch);
  pass.value = critic_loss(batch, pass.unrolled, critic_targets(batch, pass.unrolled.targets));
  pass.loss = c.consistency_weight * pass.unrolled.consistency + c.reward_weight * pass.unrolled.reward +
              c.value_weight * pass.value;
  if (a.model.has_continuation) pass.loss = pass.loss + c.continuation_weight * pass.unrolled.continuation;
  pass.loss.backward();
  return pass;
}

// Towards the target entropy (Haarnoja et al. 2018, sec. 5), in nats an action dimension.
void Learner::Impl::adapt_entropy_weight(double entropy) {
  log_entropy_weight =
      std::clamp(log_entropy_weight + config.entropy_rate * (config.entropy_target - entropy),
                 std::log(kLeastEntropyWeight), std::log(kMostEntropyWeight));
}

// Replayed latents, first rows of the sequences first; the dream starts where the data is. [N, Z]
at::Tensor Learner::Impl::dream_starts(const Batch& batch) const {
  at::NoGradGuard no_grad;
  return encode(dream, batch.observations.flatten(0, 1).slice(0, 0, config.imagination_batch));
}

// Gradients flow from imagined rewards and the final value through the frozen dynamics into the actor.
Learner::Impl::ActorPass Learner::Impl::actor_gradient(const Batch& batch) {
  const Agent::Impl& a = agent->impl();
  const at::Tensor starts = dream_starts(batch);
  Rng rng = draws(Part::kActor);
  const at::Tensor eps = noise({config.imagination_horizon + 1, starts.size(0), a.spec.action_dim}, rng);
  actor_optimizer.zero_gradients();
  const ImaginedRollout rollout =
      imagine_policy(dream, a.actor, starts, eps, config.uncertainty_weight != 0.0);
  const at::Tensor bootstrap = critic_values(dream_critic, rollout.latent, rollout.action).mean(0);  // [N]
  ActorPass pass;
  pass.returns = rollout_return(rollout, bootstrap, config.discount, config.uncertainty_weight);
  pass.scale = scale + config.scale_rate * (percentile_range(pass.returns) - scale);
  pass.entropy = -at::stack(rollout.log_probs).mean();
  pass.entropy_weight = config.entropy_rate > 0.0 ? std::exp(log_entropy_weight) : config.entropy_weight;
  at::Tensor loss = -(pass.returns.mean() / std::max(1.0, pass.scale)) - pass.entropy_weight * pass.entropy;
  if (config.behaviour_weight > 0.0) loss = loss + config.behaviour_weight * behaviour_loss(batch, starts);
  loss.backward();
  return pass;
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

void Learner::Impl::add_stats(const ModelPass& model, const ActorPass& actor,
                              std::map<std::string, double>& out) const {
  out["model/loss"] = model.loss.item<double>();
  out["model/consistency"] = model.unrolled.consistency.item<double>();
  out["model/reward"] = model.unrolled.reward.item<double>();
  if (agent->impl().model.has_continuation)
    out["model/continuation"] = model.unrolled.continuation.item<double>();
  out["critic/loss"] = model.value.item<double>();
  out["actor/entropy_weight"] = actor.entropy_weight;
  out["actor/imagined_return"] = actor.returns.mean().item<double>();
  out["actor/entropy"] = actor.entropy.item<double>();
  out["actor/scale"] = actor.scale;
}

// Both gradients are taken at the weights from before the update: neither waits for the other.
UpdateStats Learner::Impl::update(const Batch& batch, bool want_stats) {
  ModelPass model;
  ActorPass actor;
  pool.run(2, [&](int64_t part, int) {
    if (static_cast<Part>(part) == Part::kModel) {
      model = model_gradient(batch);
    } else {
      actor = actor_gradient(batch);
    }
  });
  UpdateStats stats;
  const AdamStep model_step = model_optimizer.step();
  AdamStep actor_step{};
  if (model_step.applied) actor_step = actor_optimizer.step();
  stats.skipped = !actor_step.applied;
  if (!stats.skipped) {
    scale = actor.scale;
    adapt_entropy_weight(actor.entropy.item<double>() / static_cast<double>(agent->impl().spec.action_dim));
    polyak_update(target, critic, config.target_rate);
    polyak_update(average, actor_optimizer.values(),
                  1.0 / (1.0 + config.average_share * static_cast<double>(updates)));
  }
  if (updates % kProbeEvery == 0) update_probe(batch, model.unrolled);
  if (want_stats) {
    add_stats(model, actor, stats.values);
    stats.values["model/grad_norm"] = model_step.gradient_norm;
    stats.values["actor/grad_norm"] = actor_step.gradient_norm;
    stats.values["probe/loss"] = last_probe_loss.item<double>();
  }
  ++updates;
  return stats;
}

Learner::Learner(std::shared_ptr<Agent> agent, const LearnerConfig& config, uint64_t seed, bool overlap)
    : impl_(std::make_unique<Impl>(std::move(agent), config, seed, overlap)) {}
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
