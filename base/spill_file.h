// SpillFile: numbers that leave memory for a nameless file, and are read back in pieces.
// The file has no name from its first moment on, so that nothing of it stays behind when the process ends, however it
// ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace reverie::base {

class SpillFile {
 public:
  // On the disk of `folder`. Throws UserError, or DiskFull, naming it.
  explicit SpillFile(std::filesystem::path folder);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  // Writes them behind what is there. Returns the offset that read() wants. Throws DiskFull when there is no room.
  uint64_t append(std::span<const float> numbers);
  // As many as fit into `numbers`, from `offset` bytes on. Throws UserError when the disk refuses.
  void read(uint64_t offset, std::span<float> numbers) const;
  // `bytes` from `offset` on are not read again: where the file system can, their room is free now.
  void forget(uint64_t offset, uint64_t bytes);

 private:
  std::filesystem::path folder_;  // for messages
  int fd_ = -1;
  uint64_t end_ = 0;
};

}  // namespace reverie::base
