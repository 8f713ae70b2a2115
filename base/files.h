// Files that are never lost: each is written under a temporary name, synced and renamed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/stop.h"

namespace reverie::base {

// Replace `path` atomically with `bytes` (temporary file in the same directory, fsync, rename, fsync of the
// directory). Throws UserError with path and reason when the disk refuses.
// Asked to stop, it throws Interrupted between two pieces and leaves `path` as it was.
void write_file_atomic(const std::filesystem::path& path, std::span<const std::byte> bytes,
                       const Stop* stop = nullptr);
void write_file_atomic(const std::filesystem::path& path, std::string_view text, const Stop* stop = nullptr);

// The whole file; throws UserError naming the path when it cannot be read.
std::string read_file(const std::filesystem::path& path);

// FNV-1a 64 of `bytes`, as 16 hex digits: names content in results, not a cryptographic hash.
std::string content_hash(std::string_view bytes);

}  // namespace reverie::base
