// Trains a run with a progress line, a log file and advice after an interruption.
#pragma once

#include <filesystem>

#include "apps/commands.h"
#include "training/config.h"
#include "training/trainer.h"

namespace reverie::apps {

// Trains a new run.
training::TrainResult train_with_progress(const training::TrainConfig& config,
                                          const std::filesystem::path& run, const Shell& shell);

// Goes on with an existing run; `total` as in resume_training.
training::TrainResult resume_with_progress(const std::filesystem::path& run, int64_t total,
                                           const Shell& shell);

}  // namespace reverie::apps
