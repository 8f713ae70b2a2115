#include "report/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace reverie::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kExactPairs = 1e6;

// Empty when there is nothing to compare: no value, or one that is NaN.
std::vector<double> sorted_numbers(std::span<const double> values) {
  if (std::ranges::any_of(values, [](double v) { return std::isnan(v); })) return {};
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  return sorted;
}

// Calls visit(value, F(value), G(value)) at each value of either sample, in ascending order, with the two empirical
// distribution functions.
template <typename Visit>
void walk(const std::vector<double>& a, const std::vector<double>& b, const Visit& visit) {
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const double at = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
    while (i < a.size() && a[i] == at) ++i;
    while (j < b.size() && b[j] == at) ++j;
    visit(at, static_cast<double>(i) / static_cast<double>(a.size()),
          static_cast<double>(j) / static_cast<double>(b.size()));
  }
}

// The share of all orders of n + m values in which the two distribution functions stay less than `distance` apart. An
// order is a path from (0, 0) to (n, m); paths[j] is the share of the paths to (i, j) that stayed inside.
double share_inside(double distance, int64_t n, int64_t m) {
  const double sn = static_cast<double>(n), sm = static_cast<double>(m);
  // Distances are multiples of 1 / (n m): half of one is room for rounding.
  const double limit = distance - 0.5 / (sn * sm);
  std::vector<double> paths(static_cast<size_t>(m) + 1, 0.0);
  for (int64_t i = 0; i <= n; ++i) {
    for (int64_t j = 0; j <= m; ++j) {
      const auto x = static_cast<double>(i), y = static_cast<double>(j);
      double& here = paths[static_cast<size_t>(j)];
      if (std::abs(x / sn - y / sm) >= limit) {
        here = 0.0;
      } else if (i == 0 && j == 0) {
        here = 1.0;
      } else {
        // A random path to (i, j) came from below with the probability i / (i + j), and else from the left.
        const double left = j > 0 ? paths[static_cast<size_t>(j) - 1] : 0.0;
        here = (x * here + y * left) / (x + y);
      }
    }
  }
  return paths.back();
}

// Kolmogorov's limit distribution: the probability of a scaled distance of at least x.
double kolmogorov_tail(double x) {
  if (x < 0.2) return 1.0;  // 1 - 1e-12; the sum below converges too slowly there
  double sum = 0.0;
  for (int k = 1; k <= 100; ++k) sum += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * x * x);
  return std::clamp(sum, 0.0, 1.0);
}

}  // namespace

double ks_distance(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> x = sorted_numbers(a), y = sorted_numbers(b);
  if (x.empty() || y.empty()) return kNan;
  double distance = 0.0;
  walk(x, y, [&](double, double f, double g) { distance = std::max(distance, std::abs(f - g)); });
  return distance;
}

double ks_p_value(double distance, int64_t n, int64_t m) {
  if (std::isnan(distance) || n < 1 || m < 1) return kNan;
  const double sn = static_cast<double>(n), sm = static_cast<double>(m);
  if (distance <= 0.5 / (sn * sm)) return 1.0;
  if (sn * sm <= kExactPairs) return std::clamp(1.0 - share_inside(distance, n, m), 0.0, 1.0);
  const double root = std::sqrt(sn * sm / (sn + sm));
  return kolmogorov_tail((root + 0.12 + 0.11 / root) * distance);
}

double wasserstein_distance(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> x = sorted_numbers(a), y = sorted_numbers(b);
  if (x.empty() || y.empty()) return kNan;
  double area = 0.0, last = 0.0, gap = 0.0;
  walk(x, y, [&](double at, double f, double g) {
    if (gap > 0.0) area += gap * (at - last);
    gap = std::abs(f - g);
    last = at;
  });
  return area;
}

}  // namespace reverie::report
