#include "evaluation/curves/learning_curve.h"

#include <cmath>
#include <limits>

#include "training/metrics.h"
#include "training/run_directory.h"

namespace reverie::evaluation {

LearningCurve read_learning_curve(const std::filesystem::path& run) {
  const training::TrainConfig config = training::read_run_config(run);
  LearningCurve curve;
  curve.task = config.task;
  curve.seed = config.seed;
  curve.fixed_data = training::has_fixed_data(config);
  for (const training::MetricRow& row : training::read_metrics(run)) {
    if (const auto time = row.values.find("time/seconds"); time != row.values.end())
      curve.seconds = time->second;
    const auto found = row.values.find("eval/return");
    if (found == row.values.end() || !std::isfinite(found->second)) continue;
    curve.steps.push_back(static_cast<double>(row.step));
    curve.wall.push_back(curve.seconds);
    curve.returns.push_back(found->second);
    const auto valid = row.values.find("dream/valid_steps");
    curve.valid_steps.push_back(valid == row.values.end() ? std::numeric_limits<double>::quiet_NaN()
                                                          : valid->second);
  }
  return curve;
}

}  // namespace reverie::evaluation
