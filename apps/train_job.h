// A training job as seen from a terminal: progress line, log file, what to say when it was interrupted.
#pragma once

#include <filesystem>

#include "apps/commands.h"
#include "training/config.h"
#include "training/trainer.h"

namespace reverie::apps {

// Train a new run.
training::TrainResult train_with_progress(const training::TrainConfig& config,
                                          const std::filesystem::path& run, const Shell& shell);

// Go on with an existing one; `total` as in resume_training.
training::TrainResult resume_with_progress(const std::filesystem::path& run, int64_t total,
                                           const Shell& shell);

}  // namespace reverie::apps
