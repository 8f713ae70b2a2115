// Files that are never lost: each is written under a temporary name, synced and renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
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
// The same of a file whose bytes lie in several places, one piece behind the other.
void write_file_atomic(const std::filesystem::path& path, std::span<const std::span<const std::byte>> pieces,
                       const Stop* stop = nullptr);

// The whole file; throws UserError naming the path when it cannot be read, or when it has more than `most` bytes,
// which is found out before room is made for them.
std::string read_file(const std::filesystem::path& path,
                      uint64_t most = std::numeric_limits<uint64_t>::max());

// How much is read of a text that people write, such as a task file: far more than any has.
inline constexpr uint64_t kMostText = uint64_t{1} << 24;
// How much is read of a file of data, such as a mesh or a table.
inline constexpr uint64_t kMostData = uint64_t{1} << 30;

// An open file of which parts are read into their places, so that it is never in memory as a whole.
class FileReader {
 public:
  explicit FileReader(std::filesystem::path path);  // throws UserError naming the path
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  const std::filesystem::path& path() const { return path_; }
  uint64_t size() const { return size_; }  // bytes, when it was opened

  // Fills the pieces, one after the other, with the bytes from `offset` on. Throws UserError naming the path
  // when the disk refuses or the file ends before.
  void read(uint64_t offset, std::span<const std::span<std::byte>> pieces) const;
  void read(uint64_t offset, std::span<std::byte> bytes) const;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

// FNV-1a 64 of `bytes`, as 16 hex digits: names content in results, not a cryptographic hash.
std::string content_hash(std::string_view bytes);

}  // namespace reverie::base
