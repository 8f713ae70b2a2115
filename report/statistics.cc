#include "report/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace reverie::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Type 7 quantile of values that are sorted already.
double sorted_quantile(std::span<const double> sorted, double q) {
  if (sorted.empty()) return kNan;
  const double position = std::clamp(q, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double weight = position - static_cast<double>(below);
  // Equal neighbours are returned as they are: infinities must not become NaN.
  if (weight == 0.0 || sorted[below] == sorted[above]) return sorted[below];
  return sorted[below] + weight * (sorted[above] - sorted[below]);
}

std::vector<double> sorted_copy(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// Uniform in {0, ..., n-1} from one word; the bias is below n / 2^64.
size_t scaled_index(uint64_t word, size_t n) {
  return static_cast<size_t>((static_cast<unsigned __int128>(word) * n) >> 64);
}

}  // namespace

double mean(std::span<const double> values) {
  if (values.empty()) return kNan;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
  if (values.empty()) return kNan;
  if (values.size() == 1) return 0.0;
  const double centre = mean(values);
  double sum = 0.0;
  for (const double v : values) sum += (v - centre) * (v - centre);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double quantile(std::span<const double> values, double q) { return sorted_quantile(sorted_copy(values), q); }

std::vector<double> quantiles(std::span<const double> values, std::span<const double> qs) {
  const std::vector<double> sorted = sorted_copy(values);
  std::vector<double> result;
  result.reserve(qs.size());
  for (const double q : qs) result.push_back(sorted_quantile(sorted, q));
  return result;
}

double median(std::span<const double> values) { return quantile(values, 0.5); }

Estimate bootstrap_mean(std::span<const double> values, const RandomBits& bits, int resamples, double level) {
  Estimate estimate{
      .mean = mean(values), .low = kNan, .high = kNan, .n = static_cast<int64_t>(values.size())};
  if (values.empty()) return estimate;
  std::vector<double> means(static_cast<size_t>(std::max(resamples, 1)));
  for (double& m : means) {
    double sum = 0.0;
    for (size_t i = 0; i < values.size(); ++i) sum += values[scaled_index(bits(), values.size())];
    m = sum / static_cast<double>(values.size());
  }
  std::sort(means.begin(), means.end());
  estimate.low = sorted_quantile(means, (1.0 - level) / 2.0);
  estimate.high = sorted_quantile(means, (1.0 + level) / 2.0);
  return estimate;
}

Estimate bootstrap(size_t n, const std::function<double(std::span<const size_t>)>& statistic,
                   const RandomBits& bits, int resamples, double level) {
  Estimate estimate{.mean = kNan, .low = kNan, .high = kNan, .n = static_cast<int64_t>(n)};
  if (n == 0) return estimate;
  std::vector<size_t> cases(n);
  std::iota(cases.begin(), cases.end(), size_t{0});
  estimate.mean = statistic(cases);
  std::vector<double> drawn;
  for (int r = 0; r < std::max(resamples, 1); ++r) {
    for (size_t& index : cases) index = scaled_index(bits(), n);
    if (const double value = statistic(cases); !std::isnan(value)) drawn.push_back(value);
  }
  std::sort(drawn.begin(), drawn.end());
  estimate.low = sorted_quantile(drawn, (1.0 - level) / 2.0);
  estimate.high = sorted_quantile(drawn, (1.0 + level) / 2.0);
  return estimate;
}

Estimate paired_difference(std::span<const double> a, std::span<const double> b, const RandomBits& bits,
                           int resamples, double level) {
  if (a.size() != b.size()) throw std::invalid_argument("paired_difference: sizes differ");
  std::vector<double> difference(a.size());
  for (size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  return bootstrap_mean(difference, bits, resamples, level);
}

Estimate ratio_of_means(std::span<const double> a, std::span<const double> b, const RandomBits& bits,
                        int resamples, double level) {
  if (a.size() != b.size()) throw std::invalid_argument("ratio_of_means: sizes differ");
  const auto ratio = [&](std::span<const size_t> cases) {
    double above = 0.0, below = 0.0;
    for (const size_t i : cases) {
      above += a[i];
      below += b[i];
    }
    return below == 0.0 ? kNan : above / below;
  };
  return bootstrap(a.size(), ratio, bits, resamples, level);
}

double pearson(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) throw std::invalid_argument("pearson: sizes differ");
  if (x.size() < 2) return kNan;
  const double mx = mean(x), my = mean(y);
  double xx = 0.0, yy = 0.0, xy = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  if (xx == 0.0 || yy == 0.0) return kNan;
  return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

std::vector<double> ranks(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return values[i] < values[j]; });
  std::vector<double> result(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    const double shared = 1.0 + 0.5 * static_cast<double>(first + last);
    for (size_t i = first; i <= last; ++i) result[order[i]] = shared;
    first = last + 1;
  }
  return result;
}

double spearman(std::span<const double> x, std::span<const double> y) {
  const std::vector<double> rx = ranks(x), ry = ranks(y);
  return pearson(rx, ry);
}

}  // namespace reverie::report
