// Metrics of a training as lines of a plot.
#pragma once

#include <span>
#include <string>

#include "report/plot.h"
#include "training/metrics.h"

namespace reverie::evaluation {

// The points of one metric over the training's steps; rows without it, or with NaN, are left out.
report::Series metric_series(std::span<const training::MetricRow> metrics, const std::string& key,
                             const char* name, int colour);

}  // namespace reverie::evaluation
