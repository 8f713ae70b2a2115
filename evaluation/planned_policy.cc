#include "evaluation/planned_policy.h"

#include <utility>

namespace reverie::evaluation {
namespace {

// The keys of the next decision of every row.
struct DecisionKeys {
  uint64_t seed = 0;
  uint64_t step = 0;
  std::vector<contract::DrawKey> keys = {};

  std::span<const contract::DrawKey> next(size_t rows) {
    keys.clear();
    for (size_t n = 0; n < rows; ++n) keys.push_back({seed, n, step});
    ++step;
    return keys;
  }
};

}  // namespace

Policy planned_policy(policies::Planner planner, uint64_t seed) {
  return [planner = std::move(planner), keys = DecisionKeys{.seed = seed}](
             std::span<const float> observations, std::span<float> actions) mutable {
    planner.act(observations, keys.next(actions.size() / planner.action_dim()), actions);
  };
}

Policy planned_latent_policy(policies::Planner planner, uint64_t seed) {
  return [planner = std::move(planner), keys = DecisionKeys{.seed = seed}](std::span<const float> latents,
                                                                           std::span<float> actions) mutable {
    planner.act_latent(latents, keys.next(actions.size() / planner.action_dim()), actions);
  };
}

WorldPolicy planned_world_policy(policies::Planner planner, uint64_t seed) {
  return [policy = planned_latent_policy(std::move(planner), seed)](const contract::World& world,
                                                                    std::span<float> actions) mutable {
    policy(world.latents(), actions);
  };
}

}  // namespace reverie::evaluation
