// Writes MCAP files: JSON messages of several topics by their times.
// Viewers of recordings open them (https://mcap.dev). Messages lie in chunks that are not compressed, with an index, so that
// a viewer can jump; every part has its CRC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/stop.h"

namespace reverie::interop {

// CRC-32 as zlib computes it, of bytes that follow those whose value is `before`.
uint32_t crc32(std::string_view bytes, uint32_t before = 0);

class McapWriter {
 public:
  // The file takes its name in finish(); without it nothing is left behind. Throws UserError with path and reason when the
  // disk refuses, here and below, and Interrupted when asked to stop.
  explicit McapWriter(const std::filesystem::path& path, const base::Stop* stop = nullptr);

  // A topic, the name of its messages' schema, and the schema itself as JSON. Returns the number that write() takes.
  uint16_t add_channel(const std::string& topic, const std::string& schema_name, const std::string& schema);
  // A message at `time` ns. Times may come in any order; viewers like ascending ones.
  void write(uint16_t channel, uint64_t time, std::string_view json);
  void add_metadata(const std::string& name, const std::map<std::string, std::string>& values);
  void finish();

 private:
  struct Entry {
    uint64_t time = 0, offset = 0;  // of a message in the chunk
  };
  struct Channel {
    std::string schema, record;       // both records, as they are written twice
    std::vector<Entry> entries = {};  // in the open chunk
    uint32_t count = 0;
  };

  void put(std::string_view bytes);
  void close_chunk();
  std::string summary() const;
  std::string statistics() const;

  base::AtomicFile file_;
  uint64_t written_ = 0;  // bytes
  uint32_t crc_ = 0;      // of them
  std::vector<Channel> channels_;
  std::string chunk_;                                          // records of the open one
  uint64_t chunk_first_ = 0, chunk_last_ = 0;                  // ns, while it holds a message
  uint64_t first_ = 0, last_ = 0, messages_ = 0;               // of the file
  std::vector<std::string> chunk_indices_, metadata_indices_;  // records
};

}  // namespace reverie::interop
