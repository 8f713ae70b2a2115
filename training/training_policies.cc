#include "training/training_policies.h"

#include "contract/pushed_policy.h"
#include "policies/actor_policy.h"
#include "policies/collecting_policy.h"
#include "policies/correlated_random_policy.h"
#include "policies/planner_policy.h"
#include "tensor/device.h"
#include "training/run.h"

namespace reverie::training {
namespace {

// Plans with an interest in what the model does not know; null when the configuration asks for none.
std::unique_ptr<contract::Policy> exploring_planner(const std::shared_ptr<policies::Agent>& agent,
                                                    const TrainConfig& config) {
  const policies::Think think = policies::parse_think(config.collect_think);
  if (think == policies::Think::kActor) return nullptr;
  policies::PlannerConfig planner;
  planner.uncertainty_weight = config.collect_curiosity;
  return std::make_unique<policies::PlannerPolicy>(
      policies::Planner(agent, think, planner, config.learner.discount), true);
}

}  // namespace

void TrainingPolicies::refresh() const {
  if (acting != learning) acting->copy_weights(*learning);
}

TrainingPolicies make_training_policies(const std::shared_ptr<policies::Agent>& agent,
                                        const TrainConfig& config) {
  TrainingPolicies policies;
  policies.learning = agent;
  policies.acting = agent->device().is_cpu()
                        ? agent
                        : make_agent(agent->spec(), config, static_cast<uint64_t>(config.seed), tensor::kCpu);
  policies.random = policies::correlated_random_policy(agent->spec(), config.learner.noise_octaves);
  policies.collecting = contract::pushed_in_some_episodes(
      policies::collecting_policy(policies::exploring_actor_policy(policies.acting),
                                  exploring_planner(policies.acting, config), config.planned_share),
      agent->spec(), config.pushed_share);
  policies.mean = policies::actor_policy(policies.acting);
  return policies;
}

}  // namespace reverie::training
