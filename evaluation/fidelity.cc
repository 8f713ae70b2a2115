#include "evaluation/fidelity.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "contract/rng.h"
#include "report/statistics.h"

namespace reverie::evaluation {
namespace {

// Steps of Stream::kEvaluation's sequences, one a purpose.
constexpr uint64_t kStartDraw = 1;

// Errors [n'] at horizon k of the starts whose record reaches it.
template <typename ErrorOf>
std::vector<double> errors_at(const Rollouts& truth, int64_t k, const ErrorOf& error_of) {
  std::vector<double> errors;
  for (int64_t n = 0; n < truth.count; ++n)
    if (truth.lengths[static_cast<size_t>(n)] >= k) errors.push_back(error_of(n));
  return errors;
}

void append_quartiles(ErrorCurve& curve, std::span<const double> errors) {
  const double qs[] = {0.25, 0.5, 0.75};
  const std::vector<double> q = report::quantiles(errors, qs);
  curve.low.push_back(q[0]);
  curve.median.push_back(q[1]);
  curve.high.push_back(q[2]);
}

void compare_observations(const PairedRollouts& rollouts, Fidelity& result, const base::Stop* stop) {
  const Rollouts& truth = rollouts.truth;
  for (int64_t k = 0; k <= truth.decisions; ++k) {
    base::check_stop(stop);
    const auto against = [&](const Rollouts& other, int64_t row) {
      return errors_at(truth, k, [&](int64_t n) {
        return observation_error(other.observation(row, n), truth.observation(k, n), rollouts.spread);
      });
    };
    const std::vector<double> errors = against(rollouts.world, k);
    result.horizon.push_back(k * result.control_steps);
    result.n.push_back(static_cast<int64_t>(errors.size()));
    append_quartiles(result.world, errors);
    for (const double e : errors) result.largest_error = std::max(result.largest_error, e);
    append_quartiles(result.persistence, against(truth, 0));
    if (rollouts.floor) append_quartiles(result.floor, against(*rollouts.floor, k));
  }
}

void compare_rewards(const Rollouts& truth, const Rollouts& world, Fidelity& result) {
  result.reward_error = {0.0};
  result.reward_drift = {0.0};
  std::vector<double> drift(static_cast<size_t>(truth.count), 0.0);
  for (int64_t k = 0; k < truth.decisions; ++k) {
    const std::vector<double> errors = errors_at(truth, k + 1, [&](int64_t n) {
      const double error = static_cast<double>(world.reward(k, n)) - static_cast<double>(truth.reward(k, n));
      drift[static_cast<size_t>(n)] += error;
      return std::isnan(error) ? std::numeric_limits<double>::infinity() : std::abs(error);
    });
    for (const double e : errors) result.largest_reward_error = std::max(result.largest_reward_error, e);
    result.reward_error.push_back(report::mean(errors));
    result.reward_drift.push_back(
        report::mean(errors_at(truth, k + 1, [&](int64_t n) { return drift[size_t(n)]; })));
  }
}

// Draw `count` of `starts` without replacement, keeping their order (selection sampling,
// Knuth's algorithm S).
std::vector<contract::StartPoint> draw_starts(const std::vector<contract::StartPoint>& starts, int64_t count,
                                              uint64_t seed) {
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, kStartDraw);
  std::vector<contract::StartPoint> chosen;
  int64_t left = static_cast<int64_t>(starts.size());
  for (const contract::StartPoint& start : starts) {
    if (rng.below(left) < count - static_cast<int64_t>(chosen.size())) chosen.push_back(start);
    --left;
  }
  return chosen;
}

void expect_variation(std::span<const double> spread, std::span<const contract::Episode> episodes) {
  if (varying_dimensions(spread) == 0)
    base::throw_user_error("no observation varies in {} episodes", episodes.size());
}

int64_t longest(std::span<const contract::Episode> episodes) {
  int64_t length = 0;
  for (const contract::Episode& episode : episodes) length = std::max(length, episode.length());
  return length;
}

}  // namespace

std::vector<contract::StartPoint> choose_starts(std::span<const contract::Episode> episodes,
                                                int control_steps, const FidelityOptions& options) {
  const int64_t repeat = control_steps;
  const int64_t stride = (std::max<int64_t>(options.start_every, 1) + repeat - 1) / repeat * repeat;
  std::vector<contract::StartPoint> starts;
  for (const contract::Episode& episode : episodes) {
    if (episode.diverged) continue;
    const bool cut_by_time = episode.truncated && episode.length() > options.horizon;
    const int64_t needed = cut_by_time ? options.horizon : repeat;
    for (int64_t row = 0; row + needed <= episode.length(); row += stride) starts.push_back({&episode, row});
  }
  return draw_starts(starts, options.max_starts, options.seed);
}

std::vector<double> reconstruction_errors(
    std::span<const contract::Episode> episodes,
    const std::function<void(std::span<const float>, std::span<float>)>& decode) {
  constexpr int64_t kEvery = 25;
  const std::vector<double> spread = observation_spread(episodes);
  expect_variation(spread, episodes);
  std::vector<float> rows;
  for (const contract::Episode& episode : episodes) {
    for (int64_t t = 0; t <= episode.length(); t += kEvery) {
      const auto row = episode.observation(t);
      rows.insert(rows.end(), row.begin(), row.end());
    }
  }
  std::vector<float> decoded(rows.size());
  decode(rows, decoded);
  const size_t dim = spread.size();
  std::vector<double> errors;
  for (size_t first = 0; first < rows.size(); first += dim) {
    errors.push_back(observation_error(std::span(decoded).subspan(first, dim),
                                       std::span(rows).subspan(first, dim), spread));
  }
  return errors;
}

PairedRollouts pair_rollouts(contract::World& world, contract::World* floor,
                             std::span<const contract::Episode> episodes, const FidelityOptions& options) {
  const int repeat = world.control_steps();
  PairedRollouts result;
  result.control_steps = repeat;
  result.starts = choose_starts(episodes, repeat, options);
  if (result.starts.empty())
    base::throw_user_error("no start point: {} episodes, none has {} control steps", episodes.size(), repeat);
  result.spread = observation_spread(episodes);
  expect_variation(result.spread, episodes);
  const int64_t decisions = std::min(options.horizon, longest(episodes)) / repeat;
  result.truth = recorded(result.starts, decisions, repeat);
  result.truth.decisions = std::min(decisions, *std::ranges::max_element(result.truth.lengths));
  result.world = play_actions(world, result.starts, result.truth.decisions, options.stop,
                              options.progress.between(0.0, floor != nullptr ? 0.15 : 1.0), options.value);
  if (floor)
    result.floor = play_actions(*floor, result.starts, result.truth.decisions, options.stop,
                                options.progress.between(0.15, 1.0));
  return result;
}

Fidelity compare_rollouts(const PairedRollouts& rollouts, double control_dt, double threshold,
                          const base::Stop* stop) {
  Fidelity result;
  result.control_steps = rollouts.control_steps;
  result.control_dt = control_dt;
  result.threshold = threshold;
  result.starts = static_cast<int64_t>(rollouts.starts.size());
  result.dimensions = varying_dimensions(rollouts.spread);
  compare_observations(rollouts, result, stop);
  compare_rewards(rollouts.truth, rollouts.world, result);
  result.valid_horizon_steps =
      valid_horizon(result.horizon, result.world.median, result.persistence.median, threshold);
  result.valid_to_the_end =
      result.valid_horizon_steps > 0 && result.valid_horizon_steps == result.horizon.back();
  return result;
}

Fidelity measure_fidelity(contract::World& world, contract::World* floor,
                          std::span<const contract::Episode> episodes, double control_dt,
                          const FidelityOptions& options) {
  return compare_rollouts(pair_rollouts(world, floor, episodes, options), control_dt, options.threshold,
                          options.stop);
}

int64_t valid_horizon(std::span<const int64_t> horizon, std::span<const double> error,
                      std::span<const double> persistence, double threshold) {
  int64_t valid = 0;
  for (size_t k = 1; k < horizon.size(); ++k) {
    if (!(error[k] <= threshold) || !(error[k] < persistence[k])) break;
    valid = horizon[k];
  }
  return valid;
}

}  // namespace reverie::evaluation
