// Trains one configuration with several seeds, one after another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "apps/commands.h"
#include "training/config.h"

namespace reverie::apps {

// "0,1,2" -> {0, 1, 2}. Throws UserError naming what is not a seed or is there twice.
std::vector<int64_t> parse_seeds(std::string_view text);

// Trains into OUT/seed-<N> and prints median and interquartile band of the last simulated evaluations. The
// same call again goes on: finished runs are kept, an interrupted one is resumed. Throws UserError before any
// training when a run is there with other settings. Returns the exit status.
int train_seeds(const training::TrainConfig& config, const std::vector<int64_t>& seeds,
                const std::filesystem::path& out, const Shell& shell);

}  // namespace reverie::apps
