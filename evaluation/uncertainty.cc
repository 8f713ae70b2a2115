#include "evaluation/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "contract/rng.h"
#include "report/calibration.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kUncertaintyDraw = 4;  // step of Stream::kEvaluation
constexpr size_t kNeighbours = 5;         // one of so many parts of the converting starts

std::vector<double> picked(const std::vector<double>& values, std::span<const size_t> cases) {
  std::vector<double> out;
  out.reserve(cases.size());
  for (const size_t i : cases) out.push_back(values[i]);
  return out;
}

double root_mean_square(std::span<const double> values) {
  double sum = 0.0;
  for (const double v : values) sum += v * v;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

// Converting starts and judges apart.
struct Halves {
  std::vector<double> known_uncertainty, known_error, uncertainty, error;
};

Halves halves_of(const UncertainErrors& errors) {
  Halves halves;
  for (size_t i = 0; i < errors.error.size(); ++i) {
    const bool judges = errors.judges[i] != 0;
    (judges ? halves.uncertainty : halves.known_uncertainty).push_back(errors.uncertainty[i]);
    (judges ? halves.error : halves.known_error).push_back(errors.error[i]);
  }
  return halves;
}

// Errors of the converting starts whose uncertainties are nearest to `uncertainty`.
std::vector<double> forecast(const Halves& halves, double uncertainty) {
  const size_t n = halves.known_error.size();
  std::vector<std::pair<double, size_t>> distances;
  for (size_t i = 0; i < n; ++i)
    distances.emplace_back(std::abs(halves.known_uncertainty[i] - uncertainty), i);
  std::ranges::sort(distances);
  // All that are as near as the last one belong to it: an uncertainty that never varies forecasts them all.
  size_t count = std::min(n, std::max<size_t>(1, n / kNeighbours));
  while (count > 0 && count < n && distances[count].first == distances[count - 1].first) ++count;
  std::vector<double> members;
  for (size_t i = 0; i < count; ++i) members.push_back(halves.known_error[distances[i].second]);
  return members;
}

}  // namespace

UncertainErrors uncertain_errors(const PairedRollouts& rollouts, int64_t decisions) {
  UncertainErrors result;
  result.horizon = decisions * rollouts.control_steps;
  std::map<const contract::Episode*, size_t> episodes;  // in the order of their starts
  for (int64_t n = 0; n < rollouts.truth.count; ++n) {
    const size_t episode =
        episodes.try_emplace(rollouts.starts[static_cast<size_t>(n)].episode, episodes.size()).first->second;
    if (rollouts.truth.lengths[static_cast<size_t>(n)] < decisions) continue;
    double sum = 0.0;
    for (int64_t k = 0; k < decisions; ++k) sum += rollouts.world.uncertainty_of(k, n);
    const double error = observation_error(rollouts.world.observation(decisions, n),
                                           rollouts.truth.observation(decisions, n), rollouts.spread);
    if (!std::isfinite(sum) || !std::isfinite(error)) continue;
    result.uncertainty.push_back(sum);
    result.error.push_back(error);
    result.judges.push_back(episode % 2 == 1 ? 1 : 0);
  }
  return result;
}

double stated_share(const PairedRollouts& rollouts) {
  const std::vector<float>& all = rollouts.world.uncertainty;
  if (all.empty()) return 0.0;
  return static_cast<double>(std::ranges::count_if(all, [](float u) { return u > 0.0f; })) /
         static_cast<double>(all.size());
}

ExpectedErrors expected_errors(const UncertainErrors& errors) {
  Halves halves = halves_of(errors);
  const report::RisingCurve curve = report::isotonic_fit(halves.known_uncertainty, halves.known_error);
  ExpectedErrors result{{}, std::move(halves.error)};
  for (const double u : halves.uncertainty) result.expected.push_back(curve.at(u));
  return result;
}

UncertaintyScores score_uncertainty(const UncertainErrors& errors, uint64_t seed) {
  const Halves halves = halves_of(errors);
  contract::Rng rng(seed, static_cast<uint64_t>(errors.horizon), contract::Stream::kEvaluation,
                    kUncertaintyDraw);
  const auto estimate = [&](size_t n, const std::function<double(std::span<const size_t>)>& statistic) {
    return report::bootstrap(n, statistic, [&rng] { return rng.next_u64(); });
  };
  UncertaintyScores scores;
  scores.rank_correlation = estimate(errors.error.size(), [&](std::span<const size_t> cases) {
    return report::spearman(picked(errors.uncertainty, cases), picked(errors.error, cases));
  });
  if (halves.known_error.empty()) return scores;

  const std::vector<double> expected = expected_errors(errors).expected;
  std::vector<double> beyond, known_beyond, crps, plain;
  for (const double e : halves.known_error) known_beyond.push_back(e > kValidError ? 1.0 : 0.0);
  const report::RisingCurve chance = report::isotonic_fit(halves.known_uncertainty, known_beyond);
  for (size_t i = 0; i < halves.error.size(); ++i) {
    beyond.push_back(std::clamp(chance.at(halves.uncertainty[i]), 0.0, 1.0));
    crps.push_back(report::crps(forecast(halves, halves.uncertainty[i]), halves.error[i]));
    plain.push_back(report::crps(halves.known_error, halves.error[i]));
  }
  const size_t n = halves.error.size();
  scores.spread_skill = estimate(n, [&](std::span<const size_t> cases) {
    const double met = root_mean_square(picked(halves.error, cases));
    return met > 0.0 ? root_mean_square(picked(expected, cases)) / met : std::nan("");
  });
  scores.calibration = estimate(n, [&](std::span<const size_t> cases) {
    std::vector<uint8_t> came_true;
    for (const size_t i : cases) came_true.push_back(halves.error[i] > kValidError ? 1 : 0);
    return report::expected_calibration_error(picked(beyond, cases), came_true);
  });
  scores.crps_skill = estimate(n, [&](std::span<const size_t> cases) {
    const double without = report::mean(picked(plain, cases));
    return without > 0.0 ? 1.0 - report::mean(picked(crps, cases)) / without : std::nan("");
  });
  scores.missed = estimate(n, [&](std::span<const size_t> cases) {
    return report::sparsification(picked(halves.uncertainty, cases), picked(halves.error, cases)).missed;
  });
  return scores;
}

report::Estimate tell_apart(const UncertainErrors& strange, const UncertainErrors& known, uint64_t seed) {
  std::vector<double> all = strange.uncertainty;
  all.insert(all.end(), known.uncertainty.begin(), known.uncertainty.end());
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, kUncertaintyDraw);
  const auto statistic = [&](std::span<const size_t> cases) {
    std::vector<uint8_t> is_strange;
    for (const size_t i : cases) is_strange.push_back(i < strange.uncertainty.size() ? 1 : 0);
    return report::auroc(picked(all, cases), is_strange);
  };
  return report::bootstrap(all.size(), statistic, [&rng] { return rng.next_u64(); });
}

}  // namespace reverie::evaluation
