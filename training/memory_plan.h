// MemoryPlan: what a training will take at most, said before it begins.
// A replay that grows until the kernel ends the process would lose hours; its size is known from the start.
#pragma once

#include <cstdint>
#include <string>

#include "contract/env_spec.h"
#include "training/config.h"

namespace reverie::training {

struct MemoryPlan {
  double now = 0.0;       // MB that the process has: program, model and data that is loaded
  double replay = 0.0;    // MB that the replay grows by at most; 0 of a dataset, which is loaded
  double running = 0.0;   // MB of it that stay in memory whatever the limit: episodes in progress
  double episodes = 0.0;  // MB of finished episodes between two checkpoints
  double spilled = 0.0;   // MB of the replay that are on the disk instead, beyond `replay`
  double total() const { return now + replay + episodes; }
};

// `now`: MB of this process. `keep_between` as of ReplayBuffer.
MemoryPlan plan_memory(const contract::EnvSpec& spec, const TrainConfig& config, bool keep_between,
                       double now);

// "memory: 812 MB at most: 310 now, 480 replay, 22 episodes until they are written", and how much of the replay is on
// the disk.
std::string memory_text(const MemoryPlan& plan);

// Moves so much of the replay to the disk that the rest keeps to config.max_memory. Throws UserError when not even that
// would do.
MemoryPlan fit_memory(MemoryPlan plan, const TrainConfig& config);

// A line for the user when the machine has less memory left than the plan needs, and "" otherwise.
std::string memory_warning(const MemoryPlan& plan);

double resident_mb();   // of this process
double available_mb();  // of the machine, without swapping; 0 when it does not say

}  // namespace reverie::training
