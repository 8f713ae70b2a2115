// An agent's actor as a policy, with mean or with exploring actions.
#pragma once

#include <memory>

#include "contract/policy.h"
#include "policies/agent.h"

namespace reverie::policies {

// Mean actions of the averaged actor, from latents where there are some, else from observations.
std::unique_ptr<contract::Policy> actor_policy(std::shared_ptr<Agent> agent);

// The same from observations alone, in every world: for an agent whose latents are not those of the world it acts in.
std::unique_ptr<contract::Policy> observing_actor_policy(std::shared_ptr<Agent> agent);

// Sampled actions of the learning actor, from observations. Row n draws its noise by its key.
std::unique_ptr<contract::Policy> exploring_actor_policy(std::shared_ptr<Agent> agent);

}  // namespace reverie::policies
