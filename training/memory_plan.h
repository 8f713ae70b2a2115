// MemoryPlan: what a training will take at most, said before it begins.
// A replay that grows until the kernel ends the process would lose hours; its size is known from the start.
#pragma once

#include <cstdint>
#include <string>

#include "base/safetensors.h"
#include "contract/env_spec.h"
#include "training/config.h"

namespace reverie::training {

struct MemoryPlan {
  double now = 0.0;        // MB that the process has: program, model and data that is loaded
  double model = 0.0;      // MB of that are weights,
  double optimizer = 0.0;  // and gradients and moments
  double update = 0.0;   // MB that an update takes while it is made, about: its batch and what gradients need
  double replay = 0.0;   // MB that the replay grows by at most; 0 of a dataset, which is loaded
  double running = 0.0;  // MB of it that stay in memory whatever the limit: episodes in progress
  double episodes = 0.0;  // MB of finished episodes between two checkpoints
  double spilled = 0.0;   // MB of the replay that are on the disk instead, beyond `replay`
  double total() const { return now + update + replay + episodes; }
};

// `now`: MB of this process. `keep_between` as of ReplayBuffer.
MemoryPlan plan_memory(const contract::EnvSpec& spec, const TrainConfig& config, bool keep_between,
                       double now);

// Fills in model, optimizer and update, of an agent on the CPU with these weights (Agent::weights()).
void add_learner(MemoryPlan& plan, const base::SafeTensors& weights, const TrainConfig& config);

// "memory: 812 MB at most: 310 now (2 of it model, 5 optimisers), 9 an update, 471 replay, 22 episodes until they are
// written", and how much of the replay is on the disk.
std::string memory_text(const MemoryPlan& plan);

// True of a run that has kept to its limit before: it goes on under it.
enum class Begun { kNo, kYes };

// Moves so much of the replay to the disk that the rest keeps to config.max_memory. When not even that would do it throws
// UserError; a run that has begun goes on with as little of the replay in memory as can be.
MemoryPlan fit_memory(MemoryPlan plan, const TrainConfig& config, Begun begun);

// A line for the user when the plan has more than max_memory, or needs more than the machine has left; "" otherwise.
std::string memory_warning(const MemoryPlan& plan, const TrainConfig& config);

// Gives memory that was freed back to the system, so that what is resident is what is used.
void give_back_memory();

double megabytes(int64_t bytes);
double resident_mb();   // of this process
double available_mb();  // of the machine, without swapping; 0 when it does not say

}  // namespace reverie::training
