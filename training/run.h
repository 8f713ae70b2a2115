// Run: a directory with everything a training writes; enough to resume, evaluate and view with just its path.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policies/agent.h"
#include "sim/task/task.h"
#include "training/config.h"

namespace reverie::training {

// A run opened for reading: configuration, task, and the agent of one checkpoint.
struct Run {
  std::filesystem::path path;
  std::string checkpoint;  // directory name under checkpoints/, e.g. "000040000"
  TrainConfig config;
  std::shared_ptr<const sim::Task> task;
  std::shared_ptr<policies::Agent> agent;
  int64_t env_steps = 0;  // control steps of training behind this checkpoint
};

// Open `path` at `checkpoint` ("last", "best" or a step). `device` overrides the run's ("" keeps it). Throws
// UserError when it is not a run directory (naming what is missing), the task changed since (hash), or a file
// is damaged.
Run open_run(const std::filesystem::path& path, std::string_view checkpoint = "last",
             std::string_view device = "");

// True when the directory looks like a run (config.toml is there).
bool is_run_directory(const std::filesystem::path& path);

// One line of metrics.jsonl: {"step": N, "<name>": value, ...}; NaN was written as null and is read as NaN.
struct MetricRow {
  int64_t step = 0;  // environment steps (control steps); updates of a run that learns from a dataset
  std::map<std::string, double> values;
};
// None when nothing was written yet. Throws UserError naming file and line when it is damaged.
std::vector<MetricRow> read_metrics(const std::filesystem::path& run);

}  // namespace reverie::training
