#include "policies/planner_policy.h"

#include <utility>

namespace reverie::policies {

PlannerPolicy::PlannerPolicy(Planner planner, bool exploring)
    : planner_(std::move(planner)), exploring_(exploring) {}

void PlannerPolicy::reset(int /*rows*/) { planner_.reset(); }
void PlannerPolicy::reset_row(int row) { planner_.reset(row); }

void PlannerPolicy::act(const contract::PolicyInput& input, std::span<float> actions) {
  if (exploring_) {
    planner_.explore(input.observations, input.keys, actions, input.states);
  } else if (input.latents.empty()) {
    planner_.act(input.observations, input.keys, actions, input.states);
  } else {
    planner_.act_latent(input.latents, input.keys, actions);
  }
}

}  // namespace reverie::policies
