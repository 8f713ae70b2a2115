// Benchmarks of simulation, learning and planning, each beside what bounds it.
// Both figures of a row are measured in the same minute on the same data.
#pragma once

#include <string>
#include <vector>

#include "base/stop.h"
#include "training/config.h"

namespace reverie::bench {

struct BenchRow {
  std::string what;       // "sim", "learn" or "plan"
  std::string case_name;  // the task
  std::string size;       // of the model (training/presets.h); "" for sim
  int threads = 1;
  std::string device = "cpu";         // tensor::device_name
  double value = 0.0;                 // median over the repeats
  std::string unit;                   // "control steps/s", "updates/s", "decisions/s"
  double limit = 0.0;                 // in the same unit, median over the repeats; NaN where it is not known
  std::string limit_name;             // what the limit is
  double p50_ms = 0.0, p95_ms = 0.0;  // of a decision's time, for plan
  double ratio() const { return value / limit; }
};

struct BenchOptions {
  std::string only;  // a task; "" takes the standard list
  int repeats = 5;
  const base::Stop* stop = nullptr;  // asked: return the rows so far
};

// Environments beside the engine's calls alone on the same states and actions, with 1 and 2 threads.
std::vector<BenchRow> bench_sim(const BenchOptions& options);

// Updates on random data of each config's task (config.device, config.learner_threads), without and, where
// TrainConfig::overlap says so and on the CPU, with both gradients at once, beside the update's own matrix
// products alone. `options.only` is not looked at.
std::vector<BenchRow> bench_learn(const std::vector<training::TrainConfig>& configs,
                                  const BenchOptions& options);

// Decisions of one environment with think=1, 2 and 3 at random weights (config.device, one thread) beside the
// plan's own matrix products alone. `options.only` is not looked at.
std::vector<BenchRow> bench_plan(const std::vector<training::TrainConfig>& configs,
                                 const BenchOptions& options);

// The processor's name and how many of it, e.g. "AMD EPYC 9575F, 2 processors".
std::string machine_name();

}  // namespace reverie::bench
