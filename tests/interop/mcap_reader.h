// Reads MCAP files as tests need it: records in their order, and what chunks hold.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie::interop {

// Fields of a record, one after the other.
struct McapFields {
  std::string_view left;

  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number<uint32_t>())); }
  std::string_view take(size_t count) {
    if (count > left.size()) throw std::runtime_error("a record ends too early");
    const std::string_view taken = left.substr(0, count);
    left.remove_prefix(count);
    return taken;
  }
};

struct McapRecord {
  int kind = 0;
  size_t offset = 0;  // of the record in what was read
  std::string_view content;
};

inline McapRecord mcap_record_at(std::string_view bytes, size_t offset) {
  McapFields fields{bytes.substr(offset)};
  McapRecord record;
  record.offset = offset;
  record.kind = fields.number<uint8_t>();
  record.content = fields.take(fields.number<uint64_t>());
  return record;
}

// All records of `bytes`, which hold nothing else.
inline std::vector<McapRecord> mcap_records(std::string_view bytes) {
  constexpr size_t kHead = 9;  // kind and length
  std::vector<McapRecord> records;
  for (size_t at = 0; at < bytes.size(); at += kHead + records.back().content.size())
    records.push_back(mcap_record_at(bytes, at));
  return records;
}

struct McapMessage {
  std::string topic, schema;
  uint64_t time = 0;
  std::string data;
};

// Messages of all chunks in the order of the file, found without the index. `bytes` is a whole file.
inline std::vector<McapMessage> mcap_messages(std::string_view bytes) {
  constexpr size_t kMagic = 8;
  std::map<uint16_t, std::string> schemas;
  std::map<uint16_t, std::pair<std::string, uint16_t>> channels;
  std::vector<McapMessage> messages;
  for (const McapRecord& chunk : mcap_records(bytes.substr(kMagic, bytes.size() - 2 * kMagic))) {
    if (chunk.kind != 0x06) continue;
    McapFields head{chunk.content};
    head.take(8 + 8 + 8 + 4);
    head.text();
    for (const McapRecord& record : mcap_records(head.take(head.number<uint64_t>()))) {
      McapFields fields{record.content};
      const auto number = fields.number<uint16_t>();
      if (record.kind == 0x03) schemas[number] = fields.text();
      if (record.kind == 0x04) {
        const auto schema = fields.number<uint16_t>();
        channels[number] = {fields.text(), schema};
      }
      if (record.kind != 0x05) continue;
      fields.take(4);
      const auto time = fields.number<uint64_t>();
      fields.take(8);
      const auto& [topic, schema] = channels.at(number);
      messages.push_back({topic, schemas.at(schema), time, std::string(fields.left)});
    }
  }
  return messages;
}

}  // namespace reverie::interop
