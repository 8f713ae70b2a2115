// Reads and writes episodes as safetensors shards.
// A shard holds a few finished episodes, is written atomically and never changes afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "contract/episode.h"

namespace reverie::contract {

// Write `episodes` (all of one task) to one shard. Names are "<i>/observations", ...; scalars and the names of
// signals and reward terms travel in metadata. docs/formats.md lists everything.
void save_episodes(const std::filesystem::path& path, const std::vector<Episode>& episodes);

// Read a shard of this version or of the one before, which had no signals and reward terms: those episodes
// have neither. Throws UserError naming file and array when the shard is damaged or inconsistent.
std::vector<Episode> load_episodes(const std::filesystem::path& path);

// The shards of a directory ("shard-000000.safetensors", ...) in order. Throws UserError
// when it is no directory.
std::vector<std::filesystem::path> episode_shards(const std::filesystem::path& directory);

// All shards of a directory ("shard-000000.safetensors", ...) in order; at most `max_shards` when >= 0.
std::vector<Episode> load_episode_directory(const std::filesystem::path& directory, int64_t max_shards = -1);

}  // namespace reverie::contract
