#include "report/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "report/statistics.h"

namespace reverie::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<size_t> order_of(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return values[i]; });
  return order;
}

// `error` in the order of `key`; cases of equal key have the mean of their errors.
std::vector<double> sorted_by(std::span<const double> key, std::span<const double> error) {
  const std::vector<size_t> order = order_of(key);
  std::vector<double> sorted;
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double sum = 0.0;
    while (end < order.size() && key[order[end]] == key[order[begin]]) sum += error[order[end++]];
    sorted.insert(sorted.end(), end - begin, sum / static_cast<double>(end - begin));
  }
  return sorted;
}

// Means of the first n, n-1, ..., 1 values.
std::vector<double> means_of_the_rest(const std::vector<double>& sorted) {
  std::vector<double> means;
  double sum = 0.0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i];
    means.push_back(sum / static_cast<double>(i + 1));
  }
  std::ranges::reverse(means);
  return means;
}

}  // namespace

double RisingCurve::at(double where) const {
  if (x.empty() || std::isnan(where)) return kNan;
  const auto next = static_cast<size_t>(std::ranges::lower_bound(x, where) - x.begin());
  if (next == 0) return y.front();
  if (next == x.size()) return y.back();
  const double share = (where - x[next - 1]) / (x[next] - x[next - 1]);
  return y[next - 1] + share * (y[next] - y[next - 1]);
}

RisingCurve isotonic_fit(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) throw std::invalid_argument("isotonic_fit: sizes differ");
  struct Pool {
    double mean, weight;
    size_t points;  // different x in it
  };
  std::vector<Pool> pools;
  RisingCurve curve;
  const std::vector<size_t> order = order_of(x);
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    Pool pool{0.0, 0.0, 1};
    for (; end < order.size() && x[order[end]] == x[order[begin]]; ++end) {
      pool.mean += y[order[end]];
      pool.weight += 1.0;
    }
    pool.mean /= pool.weight;
    curve.x.push_back(x[order[begin]]);
    for (; !pools.empty() && pools.back().mean >= pool.mean; pools.pop_back()) {
      const Pool& last = pools.back();
      pool.mean = (pool.mean * pool.weight + last.mean * last.weight) / (pool.weight + last.weight);
      pool.weight += last.weight;
      pool.points += last.points;
    }
    pools.push_back(pool);
  }
  for (const Pool& pool : pools) curve.y.insert(curve.y.end(), pool.points, pool.mean);
  return curve;
}

Sparsification sparsification(std::span<const double> uncertainty, std::span<const double> error) {
  if (uncertainty.size() != error.size()) throw std::invalid_argument("sparsification: sizes differ");
  Sparsification result;
  const size_t n = error.size();
  for (size_t i = 0; i < n; ++i) result.removed.push_back(static_cast<double>(i) / static_cast<double>(n));
  result.by_uncertainty = means_of_the_rest(sorted_by(uncertainty, error));
  result.by_error = means_of_the_rest(sorted_by(error, error));
  const double best = mean(result.by_error), ours = mean(result.by_uncertainty), none = mean(error);
  result.missed = none > best ? (ours - best) / (none - best) : kNan;
  return result;
}

}  // namespace reverie::report
