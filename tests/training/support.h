// What tests of training share.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "training/config.h"
#include "training/run_directory.h"

namespace reverie::training {

// What the user error that `f` throws says; "" when it throws none.
template <typename F>
std::string error_of(F f) {
  try {
    f();
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

// On the CPU, with a model small enough to train in a moment.
inline TrainConfig small_learning() {
  TrainConfig config;
  config.device = "cpu";
  config.model.latent_dim = 16;
  config.model.encoder_dim = config.model.hidden_dim = config.model.probe_dim = 32;
  config.learner.batch_size = 16;
  config.learner.imagination_batch = 32;
  return config;
}

// Of all that the last checkpoint says about the learner.
inline std::string weights_hash(const std::filesystem::path& run) {
  const std::filesystem::path directory = run / "checkpoints" / resolve_checkpoint(run, "last");
  return base::content_hash(base::read_file(directory / "model.safetensors") +
                            base::read_file(directory / "optimizer.safetensors"));
}

}  // namespace reverie::training
