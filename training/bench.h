// How fast this build simulates and learns on this machine, each figure beside what bounds it, measured in
// the same minute on the same data.
#pragma once

#include <atomic>
#include <string>
#include <vector>

namespace reverie {

struct BenchRow {
  std::string what;       // "sim" or "learn"
  std::string case_name;  // the task
  int threads = 1;
  double value = 0.0;      // median over the repeats
  std::string unit;        // "control steps/s", "updates/s"
  double limit = 0.0;      // in the same unit, median over the repeats
  std::string limit_name;  // what the limit is
  double ratio() const { return value / limit; }
};

struct BenchOptions {
  std::string only;  // a task; "" takes the standard list
  int repeats = 5;
  const std::atomic<bool>* stop = nullptr;  // set: return the rows so far
};

// Environments beside the engine's calls alone on the same states and actions, with 1 and 2 threads.
std::vector<BenchRow> bench_sim(const BenchOptions& options);

// Updates of the default model on random data of a task's sizes (CPU, one thread) beside the update's own
// matrix products alone.
std::vector<BenchRow> bench_learn(const BenchOptions& options);

// The processor's name and how many of it, e.g. "AMD EPYC 9575F, 2 processors".
std::string machine_name();

}  // namespace reverie
