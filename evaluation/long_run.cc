#include "evaluation/long_run.h"

#include <algorithm>
#include <cmath>

#include "contract/driver.h"
#include "contract/world_rows.h"

namespace reverie::evaluation {
namespace {

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
}

std::span<const float> row_of(std::span<const float> all, size_t n, int width) {
  return all.subspan(n * static_cast<size_t>(width), static_cast<size_t>(width));
}

// A rollout on its way.
struct Walker {
  double alive = 1.0;
  double window_return = 0.0;
  bool goes_on() const { return alive >= 0.5; }
};

void look_at(contract::World& world, size_t n, const contract::EnvSpec& spec, PoseReader& reader,
             const ObservationRange& range, LongRun& run) {
  const auto observation = row_of(world.observations(), n, spec.observation_dim);
  const auto positions = row_of(world.positions(), n, spec.nq);
  run.finite += all_finite(observation) && all_finite(positions) && std::isfinite(world.rewards()[n]) &&
                        all_finite(row_of(world.velocities(), n, spec.nv))
                    ? 1
                    : 0;
  run.in_range += range.holds(observation) ? 1 : 0;
  run.poses.add(reader.read(positions));
}

}  // namespace

bool ObservationRange::holds(std::span<const float> observation) const {
  for (size_t d = 0; d < observation.size(); ++d)
    if (!(observation[d] >= low[d] && observation[d] <= high[d])) return false;
  return true;
}

ObservationRange observation_range(std::span<const contract::Episode> episodes) {
  constexpr float kMore = 0.1f;
  ObservationRange range;
  for (const contract::Episode& episode : episodes) {
    for (int64_t t = 0; t <= episode.length(); ++t) {
      const auto row = episode.observation(t);
      if (range.low.empty()) {
        range.low.assign(row.begin(), row.end());
        range.high = range.low;
      }
      for (size_t d = 0; d < row.size(); ++d) {
        range.low[d] = std::min(range.low[d], row[d]);
        range.high[d] = std::max(range.high[d], row[d]);
      }
    }
  }
  for (size_t d = 0; d < range.low.size(); ++d) {
    const float more = kMore * (range.high[d] - range.low[d]);
    range.low[d] -= more;
    range.high[d] += more;
  }
  return range;
}

LongRun long_run(contract::World& world, std::span<const contract::StartPoint> starts,
                 contract::Policy& policy, const contract::EnvSpec& spec, PoseReader& reader,
                 const LongRunOptions& options) {
  const int repeat = world.control_steps();
  const int64_t window = std::max<int64_t>(kWindow / repeat, 1), decisions = options.control_steps / repeat;
  LongRun run;
  run.rollouts = static_cast<int64_t>(starts.size());
  std::vector<Walker> walkers(starts.size());
  world.reset(starts);
  contract::WorldRows rows(world, spec, {.seed = options.seed});
  contract::Driver driver(rows, policy);
  for (int64_t k = 1; k <= decisions; ++k) {
    base::check_stop(options.stop);
    driver.step();
    for (size_t n = 0; n < walkers.size(); ++n) {
      Walker& walker = walkers[n];
      if (!walker.goes_on()) continue;
      walker.window_return += world.rewards()[n];
      look_at(world, n, spec, reader, options.range, run);
      walker.alive *= world.continuation()[n];
      if (!walker.goes_on()) ++run.ended;
      if (k % window != 0) continue;
      if (walker.goes_on()) run.window_returns.push_back(walker.window_return);
      walker.window_return = 0.0;
    }
    options.progress.at(k, decisions);
  }
  return run;
}

}  // namespace reverie::evaluation
