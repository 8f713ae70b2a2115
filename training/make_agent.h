// From settings to an agent with fresh weights.
#pragma once

#include <cstdint>
#include <memory>

#include "policies/agent.h"
#include "training/config.h"

namespace reverie::training {

// The weights are drawn from `seed`; Throws UserError as Agent does.
std::shared_ptr<policies::Agent> make_agent(const contract::EnvSpec& spec, const TrainConfig& config,
                                            uint64_t seed, tensor::Device device);

}  // namespace reverie::training
