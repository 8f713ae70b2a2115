#include "training/make_agent.h"

namespace reverie {

std::shared_ptr<Agent> make_agent(const EnvSpec& spec, const TrainConfig& config, uint64_t seed,
                                  const std::string& device) {
  return std::make_shared<Agent>(spec, config.model, config.learner, static_cast<int>(config.action_repeat),
                                 seed, device);
}

}  // namespace reverie
