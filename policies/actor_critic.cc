#include "policies/actor_critic.h"

#include <torch/types.h>

#include "tensor/fused.h"

namespace reverie::policies {

void visit(Actor& actor, const std::string& prefix, const tensor::ParameterVisitor& f) {
  visit(actor.body, prefix, f);
}
void visit(Critic& critic, const std::string& prefix, const tensor::ParameterVisitor& f) {
  visit(critic.body, prefix, f);
}

Actor make_actor(int64_t feature_dim, const worldmodel::ModelConfig& model, const LearnerConfig& learner,
                 int64_t action_dim, contract::Rng& rng) {
  // A small output layer: the first policy is centred and wide, so early data covers the action range.
  return {tensor::make_mlp(feature_dim, model.hidden_dim, 2, 2 * action_dim, 0, 0.1, rng), learner.std_floor};
}

Critic make_critic(int64_t feature_dim, const worldmodel::ModelConfig& model, const LearnerConfig& learner,
                   int64_t action_dim, contract::Rng& rng) {
  return {
      tensor::make_mlp(feature_dim + action_dim, model.hidden_dim, 2, model.bins, learner.critics, 0.0, rng),
      model.bin_low, model.bin_high};
}

SampledAction sample_action(const Actor& actor, const at::Tensor& z, const at::Tensor& noise) {
  auto [action, log_prob] = tensor::tanh_gaussian(tensor::forward(actor.body, z), noise, actor.std_floor);
  return {action, log_prob};
}

at::Tensor mean_action(const Actor& actor, const at::Tensor& z) {
  return tensor::forward(actor.body, z).chunk(2, -1)[0].tanh();
}

at::Tensor critic_logits(const Critic& critic, const at::Tensor& z, const at::Tensor& a) {
  return tensor::forward(critic.body, tensor::join(z, a));
}

at::Tensor critic_values(const Critic& critic, const at::Tensor& z, const at::Tensor& a) {
  return tensor::two_hot_expectation(critic_logits(critic, z, a), critic.bin_low, critic.bin_high);
}

}  // namespace reverie::policies
