// A policy left alone in a world for far longer than an episode.
// Nothing of it is kept but counts and the returns of equal windows, so that it may take as long as one likes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/stop.h"
#include "contract/episode.h"
#include "contract/policy.h"
#include "contract/world.h"
#include "evaluation/admissibility.h"
#include "evaluation/progress.h"

namespace reverie::evaluation {

inline constexpr int64_t kWindow = 1000;  // control steps, rounded down to whole decisions

// What observations of a task are like.
struct ObservationRange {
  std::vector<float> low, high;                          // [O]
  bool holds(std::span<const float> observation) const;  // false for what is not a number
};

// The smallest and largest value of every observation in `episodes`, and a tenth of their distance more on each side.
ObservationRange observation_range(std::span<const contract::Episode> episodes);

// Counts are over states after every decision of every rollout while its episode goes on (as in closed_loop).
struct LongRun {
  int64_t rollouts = 0, ended = 0;     // and those whose episode ended on the way
  std::vector<double> window_returns;  // of whole windows in which the episode went on, window by window
  int64_t finite = 0;                  // states with finite observations, positions, velocities and reward
  int64_t in_range = 0;                // states whose observations are all in the range
  Admissibility poses;
};

struct LongRunOptions {
  int64_t control_steps = 24000;
  ObservationRange range;
  uint64_t seed = 0;                 // row n draws by {seed, n, decision}
  const base::Stop* stop = nullptr;  // asked: throw base::Interrupted
  Progress progress = {};
};

LongRun long_run(contract::World& world, std::span<const contract::StartPoint> starts,
                 contract::Policy& policy, const contract::EnvSpec& spec, PoseReader& reader,
                 const LongRunOptions& options);

}  // namespace reverie::evaluation
