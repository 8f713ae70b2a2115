// Mppi: a Gaussian over action sequences moves to the best of its samples.
// This is model predictive path integral control (Williams et al. 2015) as TD-MPC2 (Hansen et al. 2024)
// refines it. It knows no model: any function may score the sequences.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "contract/rng.h"
#include "policies/planner_config.h"

namespace reverie::policies {

// Independent Gaussians over the actions of H decisions, each clamped to [-1, 1]; mean and std [H, A].
struct Plan {
  std::vector<float> mean, std;
};

struct Candidates {
  std::vector<float> actions;  // [H, S, A]
  std::vector<float> scores;   // [S]
  int64_t count() const { return static_cast<int64_t>(scores.size()); }
};

// actions [H, S, A] -> scores [S], larger is better.
using ScoreFunction = std::function<void(std::span<const float> actions, std::span<float> scores)>;

class Mppi {
 public:
  Mppi(int64_t horizon, int64_t action_dim, const PlannerConfig& config);

  // `budget.iterations` rounds from plan.mean and plan.std. A round draws what the prior leaves of
  // `budget.samples` from the plan, scores it, and takes the elites among it and `prior`, weighted by
  // exp((score - best) / (temperature * deviation of the elites' scores)), for the next mean and std.
  void refine(Plan& plan, const Candidates& prior, const PlanBudget& budget, contract::Rng& rng,
              const ScoreFunction& score);

 private:
  struct Elite {
    float score = 0.0F, weight = 0.0F;
    int64_t index = 0;  // of the prior's candidates first, then of the samples
  };
  void draw(const Plan& plan, contract::Rng& rng);
  void choose_elites(const Candidates& prior, int64_t count);
  void fit(Plan& plan, const Candidates& prior) const;

  int64_t horizon_, action_dim_;
  PlannerConfig config_;
  Candidates samples_;
  std::vector<Elite> elites_;
};

}  // namespace reverie::policies
