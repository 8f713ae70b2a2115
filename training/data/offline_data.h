// OfflineData: a fixed dataset to learn from, in the place of an environment.
// Shards are read one at a time: a dataset may be larger than memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "contract/env_spec.h"
#include "contract/episode.h"

namespace reverie::training {

// The directories that `data` names, absolute: each itself, or its episodes/ when it is a run. Commas part them.
std::vector<std::filesystem::path> shard_directories(std::string_view data);
// The same as one text: the shards of a run's `data` from every directory.
std::string absolute_data(std::string_view data);

// Every shard of these directories, in order. Throws UserError as contract::episode_shards.
std::vector<std::filesystem::path> shards_of(std::string_view data);

// Which episodes a training learns from.
struct DataRules {
  const contract::EnvSpec& spec;  // of the task
  int action_repeat;              // no action may change within so many control steps
};

struct ShardContent {
  std::string hash;  // of the file's bytes
  std::vector<contract::Episode> episodes;
};

// False of an episode that diverged or has no step: there is nothing to learn in it.
bool is_learnable(const contract::Episode& episode);

// Throws UserError when a shard is damaged, of another task, holds a number that is not finite, or an action
// changes within a decision: such decisions cannot be folded; and when its hash is not `hash`, where that is given.
ShardContent load_shard(const std::filesystem::path& shard, const DataRules& rules,
                        std::string_view hash = {});

}  // namespace reverie::training
