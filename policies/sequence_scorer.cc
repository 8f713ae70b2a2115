#include "policies/sequence_scorer.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "policies/agent_impl.h"
#include "policies/imagination.h"
#include "tensor/kernels/kernels.h"
#include "tensor/tensor_io.h"

namespace reverie::policies {
namespace {

void grow(std::vector<float>& buffer, int64_t size) {
  if (std::ssize(buffer) < size) buffer.resize(static_cast<size_t>(size));
}

constexpr int64_t kBlockRows = 128;  // sequences that go through all layers and steps while in the cache

}  // namespace

SequenceScorer::SequenceScorer(Agent& agent, const PlannerConfig& config, double discount)
    : agent_(&agent), config_(config), discount_(discount) {
  const Agent::Impl& a = agent.impl();
  const worldmodel::ModelConfig& c = a.model.config;
  const int64_t actions = a.spec.action_dim;
  const auto rows = [](std::vector<float>& buffer, int64_t width) {
    buffer.assign(static_cast<size_t>(kBlockRows * width), 0.0F);
  };
  start_.resize(static_cast<size_t>(c.latent_dim));
  dynamics_first_.resize(static_cast<size_t>(c.dynamics_heads));
  rows(z_, c.latent_dim);
  rows(joint_, c.latent_dim + actions);
  rows(heads_, c.latent_dim * c.dynamics_heads);
  rows(logits_, c.bins);
  rows(values_, 1);
  rows(least_, 1);
  rows(weights_, 1);
  rows(head_, 2 * actions);
  rows(noise_, actions);  // stays zero: the mean action
  rows(action_, actions);
  rows(log_prob_, 1);
}

void SequenceScorer::start_at_observation(std::span<const float> observation) {
  const Agent::Impl& a = agent_->impl();
  if (a.device != "cpu") {
    at::NoGradGuard no_grad;
    const at::Tensor row = tensor::tensor_from(observation, {1, a.spec.observation_dim});
    tensor::copy_to(worldmodel::encode(a.model, a.to_device(row)), start_);
    return;
  }
  grow(hidden_.even, tensor::width_of(a.model.encoder_in));
  tensor::run_silu(a.model.encoder_in, 0, 1, observation.data(), hidden_.even.data());
  tensor::run_simnorm(a.model.encoder_out, 0, 1, a.model.config.simnorm_dim, hidden_.even.data(), z_.data());
  start_at_latent(std::span(z_).first(start_.size()));
}

void SequenceScorer::start_at_latent(std::span<const float> latent) {
  std::ranges::copy(latent, start_.begin());
  const Agent::Impl& a = agent_->impl();
  if (a.device != "cpu") return;
  const int64_t actions = a.spec.action_dim;
  for (size_t e = 0; e < dynamics_first_.size(); ++e) {
    dynamics_first_[e].prepare(a.model.dynamics_hidden[0], static_cast<int64_t>(e), start_.data(), actions);
  }
  reward_first_.prepare(a.model.reward.hidden[0], 0, start_.data(), actions);
  if (a.model.has_continuation)
    continuation_first_.prepare(a.model.continuation.hidden[0], 0, start_.data(), actions);
}

void SequenceScorer::score(std::span<const float> actions, std::span<float> scores) {
  run({static_cast<int64_t>(scores.size()), actions.data(), nullptr, nullptr, scores.data()});
}

void SequenceScorer::roll_out(std::span<const float> noise, std::span<float> actions,
                              std::span<float> scores) {
  run({static_cast<int64_t>(scores.size()), nullptr, noise.data(), actions.data(), scores.data()});
}

float SequenceScorer::reward(std::span<const float> action) {
  const Agent::Impl& a = agent_->impl();
  if (a.device != "cpu") {
    at::NoGradGuard no_grad;
    const auto row = [&](std::span<const float> v) {
      return a.to_device(tensor::tensor_from(v, {1, std::ssize(v)}));
    };
    return worldmodel::predicted_reward(a.model, row(start_), row(action)).item<float>();
  }
  float reward = 0.0F;
  weights_[0] = 1.0F;
  add_reward(1, true, action.data(), &reward);
  return reward;
}

void SequenceScorer::run(const Sequences& sequences) {
  if (agent_->device() != "cpu") {
    run_tensors(sequences);
  } else {
    for (int64_t first = 0; first < sequences.count; first += kBlockRows)
      run_block(sequences, first, std::min(kBlockRows, sequences.count - first));
  }
  for (int64_t i = 0; i < sequences.count; ++i) {
    if (!std::isfinite(sequences.scores[i])) sequences.scores[i] = std::numeric_limits<float>::lowest();
  }
}

void SequenceScorer::run_block(const Sequences& sequences, int64_t first, int64_t rows) {
  const int64_t actions = agent_->impl().spec.action_dim;
  float* scores = sequences.scores + first;
  std::fill_n(scores, rows, 0.0F);
  std::fill_n(weights_.begin(), rows, 1.0F);
  for (int64_t r = 0; r < rows; ++r) std::ranges::copy(start_, z_.begin() + r * std::ssize(start_));
  for (int64_t k = 0; k < config_.horizon; ++k) {
    const int64_t at = (k * sequences.count + first) * actions;
    if (sequences.given == nullptr) act(rows, sequences.noise + at, sequences.chosen + at);
    const float* action = (sequences.given == nullptr ? sequences.chosen : sequences.given) + at;
    if (k > 0) join(rows, action);
    add_reward(rows, k == 0, action, scores);
    advance(rows, k == 0, action, scores);
    discount_weights(rows, k == 0, action);
  }
  add_value(rows, scores);
}

void SequenceScorer::act(int64_t rows, const float* noise, float* actions) {
  const Actor& actor = agent_->impl().average_actor;
  tensor::run_mlp(actor.body, 0, rows, z_.data(), hidden_, head_.data());
  tensor::kernels::kernels().tanh_gaussian_forward(rows, agent_->impl().spec.action_dim,
                                                   static_cast<float>(actor.std_floor), head_.data(), noise,
                                                   actions, log_prob_.data());
}

void SequenceScorer::join(int64_t rows, const float* actions) {
  const int64_t z = std::ssize(start_), a = agent_->impl().spec.action_dim;
  for (int64_t r = 0; r < rows; ++r) {
    float* row = joint_.data() + r * (z + a);
    std::copy_n(z_.data() + r * z, z, row);
    std::copy_n(actions + r * a, a, row + z);
  }
}

void SequenceScorer::run_on_pair(const tensor::Mlp& mlp, const tensor::SharedInputLayer& first_layer,
                                 int64_t rows, bool first, const float* actions, float* out) {
  if (!first) return tensor::run_mlp(mlp, 0, rows, joint_.data(), hidden_, out);
  grow(hidden_.even, rows * tensor::width_of(mlp.hidden[0]));
  first_layer.run_silu(rows, actions, hidden_.even.data());
  tensor::run_mlp_tail(mlp, 0, rows, hidden_, out);
}

void SequenceScorer::add_reward(int64_t rows, bool first, const float* actions, float* scores) {
  const worldmodel::WorldModel& model = agent_->impl().model;
  run_on_pair(model.reward, reward_first_, rows, first, actions, logits_.data());
  tensor::run_two_hot(rows, model.config.bins, model.config.bin_low, model.config.bin_high, logits_.data(),
                      values_.data());
  for (int64_t r = 0; r < rows; ++r) scores[r] += weights_[r] * values_[r];
}

void SequenceScorer::discount_weights(int64_t rows, bool first, const float* actions) {
  const worldmodel::WorldModel& model = agent_->impl().model;
  for (int64_t r = 0; r < rows; ++r) weights_[r] *= static_cast<float>(discount_);
  if (!model.has_continuation) return;
  run_on_pair(model.continuation, continuation_first_, rows, first, actions, values_.data());
  for (int64_t r = 0; r < rows; ++r) weights_[r] /= 1.0F + std::exp(-values_[r]);
}

void SequenceScorer::advance(int64_t rows, bool first, const float* actions, float* scores) {
  const worldmodel::WorldModel& model = agent_->impl().model;
  const int64_t width = std::ssize(start_), heads = std::ssize(dynamics_first_);
  const tensor::NormedLayer &in = model.dynamics_hidden[0], &inner = model.dynamics_hidden[1];
  grow(hidden_.even, rows * tensor::width_of(in));
  grow(hidden_.odd, rows * tensor::width_of(inner));
  for (int64_t e = 0; e < heads; ++e) {
    if (first) {
      dynamics_first_[static_cast<size_t>(e)].run_silu(rows, actions, hidden_.even.data());
    } else {
      tensor::run_silu(in, e, rows, joint_.data(), hidden_.even.data());
    }
    tensor::run_silu(inner, e, rows, hidden_.even.data(), hidden_.odd.data());
    tensor::run_simnorm(model.dynamics_out, e, rows, model.config.simnorm_dim, hidden_.odd.data(),
                        heads_.data() + e * rows * width);
  }
  tensor::kernels::kernels().mean_of_members(heads, rows * width, heads_.data(), z_.data());
  if (config_.uncertainty_weight == 0.0) return;
  tensor::kernels::kernels().squared_error_forward(heads, rows * width, rows, width, heads_.data(), z_.data(),
                                                   values_.data());
  for (int64_t r = 0; r < rows; ++r) {
    const float spread = std::sqrt(values_[r] * static_cast<float>(width));
    scores[r] += weights_[r] * static_cast<float>(config_.uncertainty_weight) * spread;
  }
}

void SequenceScorer::add_value(int64_t rows, float* scores) {
  const Critic& critic = agent_->impl().critic;
  const int64_t bins = tensor::width_of(critic.body), critics = critic.body.out.weight.size(0);
  const auto pessimism = static_cast<float>(config_.pessimism);
  const float share = (1.0F - pessimism) / static_cast<float>(critics);
  act(rows, noise_.data(), action_.data());
  join(rows, action_.data());
  std::fill_n(least_.begin(), rows, std::numeric_limits<float>::max());
  for (int64_t c = 0; c < critics; ++c) {
    tensor::run_mlp(critic.body, c, rows, joint_.data(), hidden_, logits_.data());
    tensor::run_two_hot(rows, bins, critic.bin_low, critic.bin_high, logits_.data(), values_.data());
    for (int64_t r = 0; r < rows; ++r) {
      scores[r] += weights_[r] * share * values_[r];
      least_[r] = std::min(least_[r], values_[r]);
    }
  }
  if (pessimism == 0.0F) return;
  for (int64_t r = 0; r < rows; ++r) scores[r] += weights_[r] * pessimism * least_[r];
}

void SequenceScorer::run_tensors(const Sequences& sequences) {
  at::NoGradGuard no_grad;
  const Agent::Impl& a = agent_->impl();
  const int64_t count = sequences.count, width = a.spec.action_dim;
  const auto floats = [&](const float* p) {
    return a.to_device(tensor::tensor_from({p, static_cast<size_t>(config_.horizon * count * width)},
                                           {config_.horizon, count, width}));
  };
  const bool given = sequences.given != nullptr;
  const at::Tensor source = floats(given ? sequences.given : sequences.noise);
  const at::Tensor z =
      a.to_device(tensor::tensor_from(start_, {1, std::ssize(start_)})).expand({count, -1}).contiguous();
  std::vector<at::Tensor> actions;
  const ActionChoice choose = [&](int64_t k, const at::Tensor& latent) {
    actions.push_back(given ? source[k] : sample_action(a.average_actor, latent, source[k]).action);
    return actions.back();
  };
  const ImaginedRollout rollout =
      imagine_actions(a.model, z, config_.horizon, choose, config_.uncertainty_weight != 0.0);
  const at::Tensor values =
      critic_values(a.critic, rollout.latent, mean_action(a.average_actor, rollout.latent));
  const at::Tensor value = (1.0 - config_.pessimism) * values.mean(0) + config_.pessimism * values.amin(0);
  tensor::copy_to(rollout_return(rollout, value, discount_, config_.uncertainty_weight),
                  {sequences.scores, static_cast<size_t>(count)});
  if (!given)
    tensor::copy_to(at::stack(actions),
                    {sequences.chosen, static_cast<size_t>(config_.horizon * count * width)});
}

}  // namespace reverie::policies
