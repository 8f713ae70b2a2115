// A policy that acts by a planner.
#pragma once

#include "contract/policy.h"
#include "policies/planner.h"

namespace reverie::policies {

// Plans from latents where there are some, else from observations. Row n goes on with its plan of the decision
// before; a reset forgets it. When `exploring`, actions are drawn from plans that start afresh at every decision
// (Planner::explore), from observations.
class PlannerPolicy : public contract::Policy {
 public:
  explicit PlannerPolicy(Planner planner, bool exploring = false);

  void reset(int rows) override;
  void reset_row(int row) override;
  bool reads_states() const override { return planner_.reads_states(); }
  void act(const contract::PolicyInput& input, std::span<float> actions) override;

  const PlanningStats& stats() const { return planner_.stats(); }

 private:
  Planner planner_;
  bool exploring_;
};

}  // namespace reverie::policies
