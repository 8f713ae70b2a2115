#include "training/make_agent.h"

namespace reverie::training {

std::shared_ptr<policies::Agent> make_agent(const contract::EnvSpec& spec, const TrainConfig& config,
                                            uint64_t seed, tensor::Device device) {
  return std::make_shared<policies::Agent>(spec, config.model, config.learner,
                                           static_cast<int>(config.action_repeat), seed, device);
}

}  // namespace reverie::training
