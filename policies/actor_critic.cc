#include "policies/actor_critic.h"

#include <torch/types.h>

#include "worldmodel/fused.h"

namespace reverie {

void visit(Actor& actor, const std::string& prefix, const ParameterVisitor& f) {
  visit(actor.body, prefix, f);
}
void visit(Critic& critic, const std::string& prefix, const ParameterVisitor& f) {
  visit(critic.body, prefix, f);
}

Actor make_actor(const ModelConfig& model, const LearnerConfig& learner, int64_t action_dim, Rng& rng) {
  // A small output layer: the first policy is centred and wide, so early data covers the action range.
  return {make_mlp(model.latent_dim, model.hidden_dim, 2, 2 * action_dim, 0, 0.1, rng), learner.std_floor};
}

Critic make_critic(const ModelConfig& model, const LearnerConfig& learner, int64_t action_dim, Rng& rng) {
  return {make_mlp(model.latent_dim + action_dim, model.hidden_dim, 2, model.bins, learner.critics, 0.0, rng),
          model.bin_low, model.bin_high};
}

SampledAction sample_action(const Actor& actor, const at::Tensor& z, const at::Tensor& noise) {
  auto [action, log_prob] = tanh_gaussian(forward(actor.body, z), noise, actor.std_floor);
  return {action, log_prob};
}

at::Tensor mean_action(const Actor& actor, const at::Tensor& z) {
  return forward(actor.body, z).chunk(2, -1)[0].tanh();
}

at::Tensor critic_logits(const Critic& critic, const at::Tensor& z, const at::Tensor& a) {
  return forward(critic.body, join(z, a));
}

at::Tensor critic_values(const Critic& critic, const at::Tensor& z, const at::Tensor& a) {
  return two_hot_expectation(critic_logits(critic, z, a), critic.bin_low, critic.bin_high);
}

}  // namespace reverie
