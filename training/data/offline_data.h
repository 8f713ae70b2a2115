// OfflineData: a fixed dataset to learn from, in the place of an environment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "contract/env_spec.h"
#include "training/data/replay_buffer.h"

namespace reverie::training {

struct OfflineData {
  std::filesystem::path shards;  // the directory they are in, absolute
  int64_t episodes = 0, steps = 0;
  std::string hash;  // of all shards' bytes: a resumed run must find what it started with
};

// Where the episode shards of `data` are: itself, or its episodes/ when it is a run directory. Absolute.
std::filesystem::path shard_directory(const std::filesystem::path& data);

// Puts every episode of `data` into `replay`, a buffer of `spec`, in the order of the shards; diverged ones are
// left out. Throws UserError when there is none, when they are of another task than `spec`, or when an action
// changes within `action_repeat` control steps: such decisions cannot be folded.
OfflineData load_offline_data(const std::filesystem::path& data, const contract::EnvSpec& spec,
                              int action_repeat, ReplayBuffer& replay);

}  // namespace reverie::training
