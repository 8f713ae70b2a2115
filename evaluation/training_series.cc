#include "evaluation/training_series.h"

#include <cmath>

namespace reverie::evaluation {

report::Series metric_series(std::span<const training::MetricRow> metrics, const std::string& key,
                             const char* name, int colour) {
  report::Series series;
  series.name = name;
  series.colour = colour;
  for (const training::MetricRow& row : metrics) {
    const auto value = row.values.find(key);
    if (value == row.values.end() || std::isnan(value->second)) continue;
    series.x.push_back(static_cast<double>(row.step));
    series.y.push_back(value->second);
  }
  return series;
}

}  // namespace reverie::evaluation
