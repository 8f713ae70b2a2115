#include "policies/actor_policy.h"

#include <utility>

namespace reverie::policies {
namespace {

class ActorPolicy : public contract::Policy {
 public:
  explicit ActorPolicy(std::shared_ptr<Agent> agent) : agent_(std::move(agent)) {}
  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    if (input.latents.empty()) {
      agent_->act(input.observations, actions);
    } else {
      agent_->act_latent(input.latents, actions);
    }
  }

 private:
  std::shared_ptr<Agent> agent_;
};

class ObservingActorPolicy : public contract::Policy {
 public:
  explicit ObservingActorPolicy(std::shared_ptr<Agent> agent) : agent_(std::move(agent)) {}
  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    agent_->act(input.observations, actions);
  }

 private:
  std::shared_ptr<Agent> agent_;
};

class ExploringActorPolicy : public contract::Policy {
 public:
  explicit ExploringActorPolicy(std::shared_ptr<Agent> agent) : agent_(std::move(agent)) {}
  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    agent_->explore(input.observations, input.keys, actions);
  }

 private:
  std::shared_ptr<Agent> agent_;
};

}  // namespace

std::unique_ptr<contract::Policy> actor_policy(std::shared_ptr<Agent> agent) {
  return std::make_unique<ActorPolicy>(std::move(agent));
}

std::unique_ptr<contract::Policy> observing_actor_policy(std::shared_ptr<Agent> agent) {
  return std::make_unique<ObservingActorPolicy>(std::move(agent));
}

std::unique_ptr<contract::Policy> exploring_actor_policy(std::shared_ptr<Agent> agent) {
  return std::make_unique<ExploringActorPolicy>(std::move(agent));
}

}  // namespace reverie::policies
