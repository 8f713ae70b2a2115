// Episodes on disk: safetensors shards of a few finished episodes each, append-only, written atomically.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "contract/episode.h"

namespace reverie::contract {

// Write `episodes` (all of one task) to one shard. Names are "<i>/observations", ...; scalars travel in
// metadata.
void save_episodes(const std::filesystem::path& path, const std::vector<Episode>& episodes);

// Read a shard; throws UserError naming file and array when it is damaged or inconsistent.
std::vector<Episode> load_episodes(const std::filesystem::path& path);

// The shards of a directory ("shard-000000.safetensors", ...) in order. Throws UserError when it is no
// directory.
std::vector<std::filesystem::path> episode_shards(const std::filesystem::path& directory);

// All shards of a directory ("shard-000000.safetensors", ...) in order; at most `max_shards` when >= 0.
std::vector<Episode> load_episode_directory(const std::filesystem::path& directory, int64_t max_shards = -1);

}  // namespace reverie::contract
