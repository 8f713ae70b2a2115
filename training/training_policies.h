// The policies that act while a run trains.
#pragma once

#include <memory>

#include "contract/policy.h"
#include "policies/agent.h"
#include "training/config.h"

namespace reverie::training {

struct TrainingPolicies {
  std::unique_ptr<contract::Policy> random;      // in the first TrainConfig::random_steps control steps
  std::unique_ptr<contract::Policy> collecting;  // afterwards: plans and the exploring actor
  std::unique_ptr<contract::Policy> mean;        // in evaluations: the actor's mean action, without plans
};

// The policies act by the weights that `agent` has at each decision.
TrainingPolicies make_training_policies(const std::shared_ptr<policies::Agent>& agent,
                                        const TrainConfig& config);

}  // namespace reverie::training
