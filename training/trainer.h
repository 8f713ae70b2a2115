// The training loop: collect, learn in imagination, evaluate in simulation, save.
// A run that learns from a dataset collects nothing and takes the episodes as they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/stop.h"
#include "contract/divergence.h"
#include "training/config.h"
#include "training/dream_figures.h"
#include "training/metrics.h"

namespace reverie::training {

// What a caller may show while training runs.
struct TrainProgress {
  int64_t env_steps = 0;  // control steps so far
  int64_t updates = 0;
  int64_t step = 0, total = 0;  // control steps of TrainConfig::env_steps, or updates of ::updates
  double seconds = 0.0;         // of this process
};

struct TrainHooks {
  std::function<void(const TrainProgress&)> on_progress;  // after every metrics row and between; may be empty
  std::vector<MetricSink> sinks = {};                     // of metrics rows, beside the run's files
  std::function<void(const std::string&)> on_warning = {};  // a line for the user; may be empty
  std::function<void(const std::string&)> on_note = {};     // one for a user who looks on; may be empty
  // Asked at every evaluation about TrainConfig::eval_dream episodes; empty: the dream is not measured.
  MeasureDream measure_dream = {};
  // Told by another thread, once, when an environment is in one step for `step_patience` seconds: nothing can break
  // the engine off, but this may end the process. Empty: on_warning is told.
  std::function<void(const std::string&)> on_endless = {};
  double step_patience = 300.0;
  const base::Stop* stop = nullptr;  // asked: finish the round or step, save, return interrupted
};

struct TrainResult {
  bool interrupted = false;
  int64_t env_steps = 0;
  int64_t updates = 0;
  double seconds = 0.0;  // of this process
  contract::Divergence divergence = {};
};

// Start a new run in `run` (must not exist or be empty). Throws UserError for a wrong configuration
// before anything is written, and when the task cannot go on (an expression that is not finite, a reset
// without an acceptable state) or nothing can be learned because every episode diverges: a checkpoint is
// written first. LossesExploded (loss_guard.h) when losses are no longer finite or explode a second time: the first time
// the training goes back to its last checkpoint and says so. base::DiskFull when there is no room; what is written is whole.
TrainResult train(const TrainConfig& config, const std::filesystem::path& run, const TrainHooks& hooks = {});

// Go on from checkpoints/last with the run's own configuration; `total` > 0 sets new env_steps, or new
// updates of a run that learns from a dataset. Returns at once when the total is reached already.
TrainResult resume_training(const std::filesystem::path& run, const TrainHooks& hooks = {},
                            int64_t total = 0);

// Evaluation episodes draw from another key than training episodes of the same seed, and those on which the dream is
// measured from a third.
constexpr uint64_t evaluation_seed(uint64_t seed) { return seed ^ (uint64_t{1} << 63); }
constexpr uint64_t dream_seed(uint64_t seed) { return seed ^ (uint64_t{3} << 62); }

}  // namespace reverie::training
