// Reads episode shards of the first two formats, which had eight tensors an episode.
#pragma once

#include <filesystem>
#include <vector>

#include "base/safetensors.h"
#include "contract/episode.h"

namespace reverie::contract {

// The episodes of a shard of format 1 or 2 with this `content`. Throws UserError as load_episodes.
std::vector<Episode> old_episodes(const std::filesystem::path& path, base::SafeTensors content);

}  // namespace reverie::contract
