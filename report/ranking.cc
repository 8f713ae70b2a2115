#include "report/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace reverie::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void expect_pairs(std::span<const double> a, std::span<const double> b, const char* what) {
  if (a.size() != b.size()) throw std::invalid_argument(std::string(what) + ": sizes differ");
}

bool has_nan(std::span<const double> values) {
  return std::ranges::any_of(values, [](double v) { return std::isnan(v); });
}

int sign(double a, double b) { return (a > b) - (a < b); }

}  // namespace

double kendall(std::span<const double> x, std::span<const double> y) {
  expect_pairs(x, y, "kendall");
  if (has_nan(x) || has_nan(y)) return kNan;
  double agreement = 0.0, differ_in_x = 0.0, differ_in_y = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t j = i + 1; j < x.size(); ++j) {
      const int dx = sign(x[i], x[j]), dy = sign(y[i], y[j]);
      agreement += dx * dy;
      differ_in_x += dx != 0 ? 1.0 : 0.0;
      differ_in_y += dy != 0 ? 1.0 : 0.0;
    }
  }
  if (differ_in_x == 0.0 || differ_in_y == 0.0) return kNan;
  return std::clamp(agreement / std::sqrt(differ_in_x * differ_in_y), -1.0, 1.0);
}

double mean_maximum_rank_violation(std::span<const double> truth, std::span<const double> predicted) {
  expect_pairs(truth, predicted, "mean_maximum_rank_violation");
  if (truth.empty() || has_nan(truth) || has_nan(predicted)) return kNan;
  double sum = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    double worst = 0.0;
    for (size_t j = 0; j < truth.size(); ++j)
      if ((predicted[i] < predicted[j]) != (truth[i] < truth[j]))
        worst = std::max(worst, std::abs(truth[i] - truth[j]));
    sum += worst;
  }
  return sum / static_cast<double>(truth.size());
}

double regret_at_one(std::span<const double> truth, std::span<const double> predicted) {
  expect_pairs(truth, predicted, "regret_at_one");
  if (truth.empty() || has_nan(truth) || has_nan(predicted)) return kNan;
  const auto chosen = std::ranges::max_element(predicted) - predicted.begin();
  return *std::ranges::max_element(truth) - truth[static_cast<size_t>(chosen)];
}

}  // namespace reverie::report
