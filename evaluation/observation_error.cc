#include "evaluation/observation_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "report/statistics.h"

namespace reverie::evaluation {

std::vector<double> observation_spread(std::span<const contract::Episode> episodes) {
  if (episodes.empty()) return {};
  const auto dim = static_cast<size_t>(episodes.front().observation_dim);
  std::vector<double> spread(dim);
  std::vector<double> values;
  for (size_t d = 0; d < dim; ++d) {
    values.clear();
    for (const contract::Episode& episode : episodes)
      for (size_t i = d; i < episode.observations.size(); i += dim) values.push_back(episode.observations[i]);
    spread[d] = report::standard_deviation(values);
  }
  return spread;
}

int64_t varying_dimensions(std::span<const double> spread) {
  return std::ranges::count_if(spread, [](double s) { return s >= kSmallestSpread; });
}

double observation_error(std::span<const float> a, std::span<const float> b, std::span<const double> spread) {
  if (a.size() != b.size() || a.size() != spread.size()) {
    throw std::invalid_argument(fmt::format("observation_error: observations of {} and {} values, {} spreads",
                                            a.size(), b.size(), spread.size()));
  }
  double sum = 0.0;
  int64_t used = 0;
  for (size_t d = 0; d < a.size(); ++d) {
    if (!(spread[d] >= kSmallestSpread)) continue;
    const double z = (static_cast<double>(a[d]) - static_cast<double>(b[d])) / spread[d];
    sum += z * z;
    ++used;
  }
  if (used == 0) {
    throw std::invalid_argument(
        fmt::format("observation_error: none of {} observation dimensions varies", spread.size()));
  }
  const double error = std::sqrt(sum / static_cast<double>(used));
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

}  // namespace reverie::evaluation
