#include "evaluation/closed_loop.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "contract/driver.h"
#include "contract/world_rows.h"
#include "evaluation/observation_error.h"
#include "report/distributions.h"
#include "report/statistics.h"

namespace reverie::evaluation {
namespace {

void append_row(std::vector<float>& rows, std::span<const float> all, size_t n, int width) {
  const auto row = all.subspan(n * static_cast<size_t>(width), static_cast<size_t>(width));
  rows.insert(rows.end(), row.begin(), row.end());
}

void append_floats(std::vector<float>& rows, std::span<const double> values) {
  std::ranges::transform(values, std::back_inserter(rows), [](double x) { return static_cast<float>(x); });
}

Visits no_visits(const contract::EnvSpec& spec) {
  return {.returns = {},
          .observation_dim = spec.observation_dim,
          .nq = spec.nq,
          .nv = spec.nv,
          .observations = {},
          .positions = {},
          .velocities = {},
          .rollouts = {}};
}

}  // namespace

std::vector<double> Visits::observation(int dimension) const {
  std::vector<double> values;
  values.reserve(static_cast<size_t>(states()));
  const auto width = static_cast<size_t>(observation_dim);
  for (size_t i = static_cast<size_t>(dimension); i < observations.size(); i += width) {
    const double value = observations[i];
    values.push_back(std::isnan(value) ? std::numeric_limits<double>::infinity() : value);
  }
  return values;
}

Visits closed_loop(contract::World& world, std::span<const contract::StartPoint> starts,
                   contract::Policy& policy, const contract::EnvSpec& spec, uint64_t seed,
                   int64_t control_steps, const base::Stop* stop, const Progress& progress,
                   DecisionLog* log) {
  Visits visits = no_visits(spec);
  visits.returns.assign(starts.size(), 0.0);
  std::vector<double> alive(starts.size(), 1.0);
  const int repeat = world.control_steps();
  world.reset(starts);
  if (log != nullptr) begin_log(*log, world, spec, control_steps);
  contract::WorldRows rows(world, spec, {.seed = seed});
  contract::Driver driver(rows, policy);
  for (int64_t done = 0; done < control_steps; done += repeat) {
    base::check_stop(stop);
    if (log != nullptr) log_state(*log, world, alive);
    driver.step();
    if (log != nullptr) log_answer(*log, world, driver.actions());
    progress.at(done + repeat, control_steps);
    const bool is_whole = done + repeat <= control_steps;
    const double part = is_whole ? 1.0 : static_cast<double>(control_steps - done) / repeat;
    for (size_t n = 0; n < starts.size(); ++n) {
      visits.returns[n] += part * alive[n] * world.rewards()[n];
      if (is_whole && alive[n] >= 0.5) {
        append_row(visits.observations, world.observations(), n, spec.observation_dim);
        append_row(visits.positions, world.positions(), n, spec.nq);
        append_row(visits.velocities, world.velocities(), n, spec.nv);
        visits.rollouts.push_back(static_cast<int32_t>(n));
      }
      alive[n] *= world.continuation()[n];
    }
  }
  return visits;
}

Visits recorded_visits(std::span<const contract::Episode> episodes, const contract::EnvSpec& spec,
                       int control_steps) {
  Visits visits = no_visits(spec);
  for (const contract::Episode& episode : episodes) {
    const auto rollout = static_cast<int32_t>(visits.returns.size());
    visits.returns.push_back(episode.return_sum());
    // An episode that terminated within a decision shows its last state.
    const int64_t end = episode.length() + (episode.terminated ? control_steps - 1 : 0);
    for (int64_t step = control_steps; step <= end; step += control_steps) {
      const int64_t row = std::min(step, episode.length());
      const auto observation = episode.observation(row);
      const auto physics = episode.physics_state(row);
      visits.observations.insert(visits.observations.end(), observation.begin(), observation.end());
      append_floats(visits.positions,
                    physics.subspan(contract::EnvSpec::kQposOffset, static_cast<size_t>(spec.nq)));
      append_floats(visits.velocities,
                    physics.subspan(static_cast<size_t>(spec.qvel_offset()), static_cast<size_t>(spec.nv)));
      visits.rollouts.push_back(rollout);
    }
  }
  return visits;
}

std::vector<double> closed_loop_returns(contract::World& world, std::span<const contract::StartPoint> starts,
                                        contract::Policy& policy, const contract::EnvSpec& spec,
                                        uint64_t seed, int64_t control_steps, const base::Stop* stop,
                                        const Progress& progress) {
  return closed_loop(world, starts, policy, spec, seed, control_steps, stop, progress).returns;
}

ObservationDistances compare_observations(const Visits& truth, const Visits& world) {
  ObservationDistances distances;
  std::vector<double> known;
  for (int d = 0; d < truth.observation_dim; ++d) {
    const std::vector<double> values = truth.observation(d);
    const bool varies = report::standard_deviation(values) >= kSmallestSpread;
    distances.ks.push_back(varies ? report::ks_distance(values, world.observation(d))
                                  : std::numeric_limits<double>::quiet_NaN());
    if (std::isnan(distances.ks.back())) continue;
    if (known.empty() || distances.ks.back() > distances.largest) {
      distances.largest = distances.ks.back();
      distances.largest_dimension = d;
    }
    known.push_back(distances.ks.back());
  }
  distances.mean = report::mean(known);
  if (known.empty()) distances.largest = distances.mean;
  return distances;
}

}  // namespace reverie::evaluation
