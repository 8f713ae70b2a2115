// Fidelity: the error of a World under recorded actions, by horizon.
// Two references stand beside it: persistence, which assumes that nothing changes, and the chaos floor, which
// is the simulator itself from a start that was moved by a tiny amount.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "contract/world.h"
#include "evaluation/observation_error.h"
#include "evaluation/rollout.h"

namespace reverie::evaluation {

struct FidelityOptions {
  int64_t horizon = 200;  // control steps; cut to the longest record after any start
  // Control steps between candidate starts of an episode, rounded up to whole decisions.
  int64_t start_every = 25;
  int64_t max_starts = 256;          // drawn from the candidates without replacement
  double threshold = kValidError;    // of the valid horizon, in held-out standard deviations
  uint64_t seed = 0;                 // of the draw
  const base::Stop* stop = nullptr;  // asked: throw base::Interrupted
  Progress progress = {};
  ValueFunction value = {};  // Rollouts::values of the world under test; may be empty
};

// Quantiles over starts, by horizon.
struct ErrorCurve {
  std::vector<double> median, low, high;  // [K+1]; low and high are the quartiles
};

// Errors are of one start at one horizon: observation_error() in units of observation_spread() over the
// recorded episodes. Index k of every vector [K+1] is the horizon of k decisions.
struct Fidelity {
  int control_steps = 1;    // a decision
  double control_dt = 0.0;  // seconds a control step
  double threshold = kValidError;
  int64_t starts = 0;
  int64_t dimensions = 0;                // observation dimensions that vary
  std::vector<int64_t> horizon;          // [K+1] control steps: 0, control_steps, 2 control_steps, ...
  std::vector<int64_t> n;                // [K+1] starts whose record reaches that far
  ErrorCurve world, persistence, floor;  // floor is empty when no floor world was given
  std::vector<double> reward_error;  // [K+1] mean |r̂ - r| of the decision that ends at this horizon; [0] is 0
  std::vector<double> reward_drift;   // [K+1] mean over starts of the sum of r̂ - r so far
  double largest_error = 0.0;         // over starts and horizons: 0 for a perfect world
  double largest_reward_error = 0.0;  // the same for |r̂ - r|
  int64_t valid_horizon_steps = 0;    // see valid_horizon()
  bool valid_to_the_end = false;      // the curve was still good at the last horizon measured
};

// Candidate starts at whole decisions, `options.max_starts` of them, in the order of episodes and steps.
// Episodes that ended at the time limit give only starts with the whole horizon ahead of them (when they have
// any): the same starts stand behind every horizon.
std::vector<contract::StartPoint> choose_starts(std::span<const contract::Episode> episodes,
                                                int control_steps, const FidelityOptions& options);

// The probe's own errors: observation_error() of every 25th row of each episode, where `decode` maps
// observations [N, O] to what is read back from their embeddings [N, O]. No dream is involved. Throws UserError
// when nothing varies.
std::vector<double> reconstruction_errors(
    std::span<const contract::Episode> episodes,
    const std::function<void(std::span<const float>, std::span<float>)>& decode);

// What was recorded after each start, and what worlds answer to the same actions.
struct PairedRollouts {
  std::vector<contract::StartPoint> starts;  // into episodes that must outlive this
  int control_steps = 1;                     // a decision
  std::vector<double> spread;                // [O] over the episodes
  Rollouts truth, world;
  std::optional<Rollouts> floor;  // none when no floor world was given
};

// Play the recorded actions in `world`, and in `floor` when it is given, from the same starts. Throws
// UserError when there is no start or nothing varies.
PairedRollouts pair_rollouts(contract::World& world, contract::World* floor,
                             std::span<const contract::Episode> episodes, const FidelityOptions& options);

Fidelity compare_rollouts(const PairedRollouts& rollouts, double control_dt, double threshold,
                          const base::Stop* stop = nullptr);

// pair_rollouts and compare_rollouts in one call.
Fidelity measure_fidelity(contract::World& world, contract::World* floor,
                          std::span<const contract::Episode> episodes, double control_dt,
                          const FidelityOptions& options);

// The largest horizon, in control steps, up to which `error` stays at or below `threshold` and below
// `persistence` at every horizon measured; horizon 0, where persistence is right by definition, does not
// count. 0 when the first fails.
int64_t valid_horizon(std::span<const int64_t> horizon, std::span<const double> error,
                      std::span<const double> persistence, double threshold);

}  // namespace reverie::evaluation
