#include "evaluation/error_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reverie::evaluation {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kResamples = 400;  // each sorts the errors of all horizons anew

// The same as report::median, which sorts.
double median_of(std::vector<double>& values) {
  if (values.empty()) return kNan;
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::max_element(values.begin(), middle);
  return below == *middle ? below : below + 0.5 * (*middle - below);
}

double median_at(const ErrorTable& table, size_t k, std::span<const size_t> chosen,
                 std::vector<double>& scratch) {
  scratch.clear();
  for (const size_t n : chosen)
    if (const double e = table.at(k, n); !std::isnan(e)) scratch.push_back(e);
  return median_of(scratch);
}

// valid_horizon() of the chosen starts' medians, which are computed as far as they are good.
int64_t valid_steps(const ErrorTable& errors, const ErrorTable& persistence, double threshold,
                    std::span<const size_t> chosen) {
  std::vector<double> scratch;
  int64_t valid = 0;
  for (size_t k = 1; k < errors.horizon.size(); ++k) {
    const double error = median_at(errors, k, chosen, scratch);
    if (!(error <= threshold) || !(error < median_at(persistence, k, chosen, scratch))) break;
    valid = errors.horizon[k];
  }
  return valid;
}

double slope(std::span<const double> x, std::span<const double> y) {
  const double mean_x = report::mean(x), mean_y = report::mean(y);
  double above = 0.0, below = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    above += (x[i] - mean_x) * (y[i] - mean_y);
    below += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return above / below;
}

}  // namespace

ErrorTable error_table(const PairedRollouts& rollouts,
                       const std::function<double(int64_t k, int64_t n)>& error_of) {
  const Rollouts& truth = rollouts.truth;
  ErrorTable table;
  table.starts = truth.count;
  for (int64_t k = 0; k <= truth.decisions; ++k) {
    table.horizon.push_back(k * rollouts.control_steps);
    for (int64_t n = 0; n < truth.count; ++n) {
      double error = kNan;
      if (truth.lengths[static_cast<size_t>(n)] >= k) {
        error = error_of(k, n);
        if (std::isnan(error)) error = std::numeric_limits<double>::infinity();
      }
      table.values.push_back(error);
    }
  }
  return table;
}

ErrorTable observation_errors(const PairedRollouts& rollouts, const Rollouts& world,
                              std::span<const double> spread) {
  return error_table(rollouts, [&](int64_t k, int64_t n) {
    return observation_error(world.observation(k, n), rollouts.truth.observation(k, n), spread);
  });
}

ErrorTable persistence_errors(const PairedRollouts& rollouts, std::span<const double> spread) {
  return error_table(rollouts, [&](int64_t k, int64_t n) {
    return observation_error(rollouts.truth.observation(0, n), rollouts.truth.observation(k, n), spread);
  });
}

int64_t reach(const ErrorTable& table, size_t k) {
  int64_t count = 0;
  for (size_t n = 0; n < static_cast<size_t>(table.starts); ++n) count += std::isnan(table.at(k, n)) ? 0 : 1;
  return count;
}

ErrorCurve quartiles(const ErrorTable& table) {
  constexpr double kShares[] = {0.25, 0.5, 0.75};
  ErrorCurve curve;
  std::vector<double> errors;
  for (size_t k = 0; k < table.horizon.size(); ++k) {
    errors.clear();
    for (size_t n = 0; n < static_cast<size_t>(table.starts); ++n)
      if (!std::isnan(table.at(k, n))) errors.push_back(table.at(k, n));
    const std::vector<double> q = report::quantiles(errors, kShares);
    curve.low.push_back(q[0]);
    curve.median.push_back(q[1]);
    curve.high.push_back(q[2]);
  }
  return curve;
}

std::vector<double> medians(const ErrorTable& table, std::span<const size_t> chosen) {
  std::vector<double> result, scratch;
  for (size_t k = 0; k < table.horizon.size(); ++k) result.push_back(median_at(table, k, chosen, scratch));
  return result;
}

report::Estimate valid_time(const ErrorTable& errors, const ErrorTable& persistence, double threshold,
                            const report::RandomBits& bits) {
  const auto steps = [&](std::span<const size_t> chosen) {
    return static_cast<double>(valid_steps(errors, persistence, threshold, chosen));
  };
  return report::bootstrap(static_cast<size_t>(errors.starts), steps, bits, kResamples);
}

report::Estimate valid_time_share(const ErrorTable& errors, const ErrorTable& floor,
                                  const ErrorTable& persistence, double threshold,
                                  const report::RandomBits& bits) {
  const auto share = [&](std::span<const size_t> chosen) {
    const int64_t of_floor = valid_steps(floor, persistence, threshold, chosen);
    if (of_floor == 0) return kNan;
    return static_cast<double>(valid_steps(errors, persistence, threshold, chosen)) /
           static_cast<double>(of_floor);
  };
  return report::bootstrap(static_cast<size_t>(errors.starts), share, bits, kResamples);
}

report::Estimate growth_rate(const ErrorTable& errors, const report::RandomBits& bits) {
  constexpr size_t kFewest = 3;
  std::vector<double> steps, logarithms, scratch;
  const auto rate = [&](std::span<const size_t> chosen) {
    steps.clear();
    logarithms.clear();
    for (size_t k = 1; k < errors.horizon.size(); ++k) {
      const double error = median_at(errors, k, chosen, scratch);
      if (!(error <= kGrowthUpTo)) break;
      if (error <= 0.0) continue;
      steps.push_back(static_cast<double>(errors.horizon[k]));
      logarithms.push_back(std::log(error));
    }
    return steps.size() < kFewest ? kNan : slope(steps, logarithms);
  };
  return report::bootstrap(static_cast<size_t>(errors.starts), rate, bits, kResamples);
}

}  // namespace reverie::evaluation
