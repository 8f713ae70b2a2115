#include "report/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace reverie::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kNormal95 = 1.959963984540054;  // 97.5% of a standard normal variable lie below

}  // namespace

double crps(std::span<const double> ensemble, double outcome) {
  if (ensemble.empty() || std::isnan(outcome)) return kNan;
  std::vector<double> sorted(ensemble.begin(), ensemble.end());
  if (std::ranges::any_of(sorted, [](double x) { return std::isnan(x); })) return kNan;
  std::ranges::sort(sorted);
  const auto n = static_cast<double>(sorted.size());
  double error = 0.0, spread = 0.0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    error += std::abs(sorted[i] - outcome);
    // The i-th smallest is the larger one of i pairs and the smaller one of the others.
    spread += (2.0 * static_cast<double>(i) + 1.0 - n) * sorted[i];
  }
  return error / n - spread / (n * n);
}

double expected_calibration_error(std::span<const double> probabilities, std::span<const uint8_t> outcomes,
                                  int bins) {
  if (probabilities.size() != outcomes.size())
    throw std::invalid_argument("expected_calibration_error: sizes differ");
  if (bins < 1) throw std::invalid_argument("expected_calibration_error: no bin");
  if (probabilities.empty()) return kNan;
  std::vector<double> surplus(static_cast<size_t>(bins), 0.0);  // sums of probability - outcome
  for (size_t i = 0; i < probabilities.size(); ++i) {
    const double p = probabilities[i];
    if (!(p >= 0.0 && p <= 1.0)) throw std::invalid_argument("expected_calibration_error: not a probability");
    const auto bin = std::min(static_cast<size_t>(p * bins), surplus.size() - 1);
    surplus[bin] += p - (outcomes[i] != 0 ? 1.0 : 0.0);
  }
  double error = 0.0;
  for (const double sum : surplus) error += std::abs(sum);
  return error / static_cast<double>(probabilities.size());
}

Estimate share_of(int64_t hits, int64_t n) {
  if (hits < 0 || hits > n) throw std::invalid_argument("share_of: expected 0 <= hits <= n");
  if (n == 0) return {.mean = kNan, .low = kNan, .high = kNan, .n = 0};
  const double more = static_cast<double>(n) + 4.0;
  const double middle = (static_cast<double>(hits) + 2.0) / more;
  const double half = kNormal95 * std::sqrt(middle * (1.0 - middle) / more);
  return {.mean = static_cast<double>(hits) / static_cast<double>(n),
          .low = std::max(middle - half, 0.0),
          .high = std::min(middle + half, 1.0),
          .n = n};
}

Estimate difference_of_shares(int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b) {
  if (hits_a < 0 || hits_b < 0 || hits_a > n_a || hits_b > n_b)
    throw std::invalid_argument("difference_of_shares: expected 0 <= hits <= n");
  if (n_a == 0 || n_b == 0) return {.mean = kNan, .low = kNan, .high = kNan, .n = n_a + n_b};
  const auto share = [](int64_t hits, int64_t n, double more) {
    return (static_cast<double>(hits) + more) / (static_cast<double>(n) + 2.0 * more);
  };
  const double a = share(hits_a, n_a, 1.0), b = share(hits_b, n_b, 1.0);
  const double half = kNormal95 * std::sqrt(a * (1.0 - a) / static_cast<double>(n_a + 2) +
                                            b * (1.0 - b) / static_cast<double>(n_b + 2));
  return {.mean = share(hits_a, n_a, 0.0) - share(hits_b, n_b, 0.0),
          .low = std::max(a - b - half, -1.0),
          .high = std::min(a - b + half, 1.0),
          .n = n_a + n_b};
}

double auroc(std::span<const double> scores, std::span<const uint8_t> positive) {
  if (scores.size() != positive.size()) throw std::invalid_argument("auroc: sizes differ");
  if (std::ranges::any_of(scores, [](double s) { return std::isnan(s); })) return kNan;
  const std::vector<double> rank = ranks(scores);
  double sum = 0.0, n = 0.0;
  for (size_t i = 0; i < rank.size(); ++i) {
    if (positive[i] == 0) continue;
    sum += rank[i];
    n += 1.0;
  }
  const double others = static_cast<double>(rank.size()) - n;
  if (n == 0.0 || others == 0.0) return kNan;
  return (sum - n * (n + 1.0) / 2.0) / (n * others);
}

}  // namespace reverie::report
