// The policies that act while a run trains.
#pragma once

#include <memory>

#include "contract/policy.h"
#include "policies/agent.h"
#include "training/config.h"

namespace reverie::training {

// Policies of one agent. They act on the CPU: by the agent itself, or by a copy when it learns on a GPU. A CPU
// has answered for a few rows before a GPU has been told what to do.
struct TrainingPolicies {
  std::shared_ptr<policies::Agent> learning, acting;  // one and the same on the CPU
  std::unique_ptr<contract::Policy> random;           // in the first TrainConfig::random_steps control steps
  std::unique_ptr<contract::Policy> collecting;       // afterwards: plans and the exploring actor
  std::unique_ptr<contract::Policy> mean;  // in evaluations: the actor's mean action, without plans

  // The agent's weights as they are now decide from the next decision on.
  void refresh() const;
};

// `agent` is the one that learns.
TrainingPolicies make_training_policies(const std::shared_ptr<policies::Agent>& agent,
                                        const TrainConfig& config);

}  // namespace reverie::training
