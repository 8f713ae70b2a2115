// LearningCurve: what a run's evaluations said, over environment steps and over time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace reverie::evaluation {

struct LearningCurve {
  std::string task;
  int64_t seed = 0;
  bool fixed_data = false;                   // learned from a dataset: steps are updates
  std::vector<double> steps, wall, returns;  // of every finite "eval/return": control steps, seconds, return
  std::vector<double>
      valid_steps;       // of the same evaluations: control steps for which the dream held; NaN: not measured
  double seconds = 0.0;  // wall clock of all processes of the run so far
};

// Throws UserError when `run` is not a run directory or its files are damaged. A run that has not been
// evaluated yet has an empty curve.
LearningCurve read_learning_curve(const std::filesystem::path& run);

}  // namespace reverie::evaluation
