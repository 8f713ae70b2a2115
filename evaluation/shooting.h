// Shooting: a plain planner that searches action sequences in any World.
// With the simulator in the model's place it shows what the model costs a planner: nothing else differs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/stop.h"
#include "contract/env_spec.h"
#include "contract/world.h"
#include "evaluation/progress.h"
#include "report/statistics.h"

namespace reverie::evaluation {

// A sequence is worth the rewards of its decisions, each counted with the probability that the episode goes on; there is no
// critic behind them. The search is policies::Mppi's, without an actor, from the plan of the decision before.
struct ShootingSettings {
  int64_t candidates = 24;
  int64_t refinements = 2;  // rounds of so many candidates
  int64_t horizon = 10;     // decisions
  int64_t decisions = 30;   // played in physics from every start
  uint64_t seed = 0;        // of the candidates: row n draws by {seed, n, decision}

  // Control steps of the model for every start, when a decision has `control_steps`.
  int64_t cost(int control_steps) const {
    return candidates * refinements * horizon * decisions * control_steps;
  }
};

// Returns [N] in `physics` where every action comes from a search in `model`, which is put on the present of physics before
// each decision. Both worlds have decisions of the same length.
std::vector<double> shoot(contract::World& physics, contract::World& model,
                          std::span<const contract::StartPoint> starts, const contract::EnvSpec& spec,
                          const ShootingSettings& settings, const base::Stop* stop = nullptr,
                          const Progress& progress = {});

// What limits a planner.
enum class PlanningVerdict {
  kModelBottleneck = 1,    // with the simulator as its model it earns more
  kPlannerBottleneck = 2,  // the models are alike to it, and with either it earns less than the policy
  kAsGood = 3,             // the models are alike to it, and it is not known to earn less than the policy
  kLearnedIsBetter = 4,    // with the dream it earns more
  kInconclusive = 5,       // the gap's interval crosses a line
};
const char* verdict_name(PlanningVerdict verdict);  // "model bottleneck", ...

// `gap`: return with the simulator less that with the dream. `shortfall`: return of the policy less that of the planner with the
// simulator; n = 0 where there is no policy. Whole intervals decide, and `margin` >= 0 is what counts as alike.
PlanningVerdict planning_verdict(const report::Estimate& gap, const report::Estimate& shortfall,
                                 double margin);

}  // namespace reverie::evaluation
