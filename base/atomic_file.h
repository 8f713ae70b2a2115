// A file that is written piece by piece and takes its name when all of it is there.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/stop.h"

namespace reverie::base {

// Everything that the disk refuses is a UserError with path and reason, DiskFull when it is full.
class AtomicFile {
 public:
  // Makes a temporary file beside `path`.
  explicit AtomicFile(std::filesystem::path path, const Stop* stop = nullptr);
  ~AtomicFile();  // removes the temporary file unless it was committed
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Small pieces are gathered, large ones are not copied. Asked to stop, it throws Interrupted between two pieces.
  void put(std::span<const std::byte> bytes);
  void put(std::string_view text);

  // Syncs what was put, renames it to `path` and syncs the directory. Nothing is put after it.
  void commit();

 private:
  void flush();
  void write(std::span<const std::byte> bytes);

  std::filesystem::path path_, temporary_;
  const Stop* stop_;
  int fd_ = -1;
  std::vector<std::byte> held_;
  size_t unsynced_ = 0;  // bytes
};

// Returns when the directory that holds `path` has what was renamed, made or removed in it on the disk. Throws as AtomicFile.
void sync_directory_of(const std::filesystem::path& path);

}  // namespace reverie::base
