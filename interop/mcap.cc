#include "interop/mcap.h"

#include <algorithm>
#include <array>

namespace reverie::interop {
namespace {

constexpr std::string_view kMagic("\x89MCAP0\r\n", 8);
constexpr size_t kChunk = size_t{1} << 20;  // bytes of messages, more or less

// Numbers of records, by their names in the format.
enum Record : uint8_t {
  kHeader = 0x01,
  kFooter = 0x02,
  kSchema = 0x03,
  kChannel = 0x04,
  kMessage = 0x05,
  kChunkRecord = 0x06,
  kMessageIndex = 0x07,
  kChunkIndex = 0x08,
  kStatistics = 0x0B,
  kMetadata = 0x0C,
  kMetadataIndex = 0x0D,
  kSummaryOffset = 0x0E,
  kDataEnd = 0x0F,
};

// Little-endian numbers, and texts behind their lengths.
class Fields {
 public:
  template <typename T>
  Fields& number(T value) {
    for (size_t i = 0; i < sizeof(T); ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
    return *this;
  }
  Fields& text(std::string_view value) {
    number(static_cast<uint32_t>(value.size()));
    return raw(value);
  }
  Fields& raw(std::string_view value) {
    bytes_.append(value);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::string record(Record kind, std::string_view content) {
  return Fields()
      .number(static_cast<uint8_t>(kind))
      .number(static_cast<uint64_t>(content.size()))
      .raw(content)
      .bytes();
}

std::string record(Record kind, const Fields& fields) { return record(kind, fields.bytes()); }

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0U);
    table[i] = value;
  }
  return table;
}

}  // namespace

uint32_t crc32(std::string_view bytes, uint32_t before) {
  static constexpr std::array<uint32_t, 256> kTable = crc_table();
  uint32_t crc = ~before;
  for (const char byte : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(byte)) & 0xFFU];
  return ~crc;
}

McapWriter::McapWriter(const std::filesystem::path& path, const base::Stop* stop) : file_(path, stop) {
  put(kMagic);
  put(record(kHeader, Fields().text("").text("reverie " REVERIE_VERSION)));
}

void McapWriter::put(std::string_view bytes) {
  file_.put(bytes);
  crc_ = crc32(bytes, crc_);
  written_ += bytes.size();
}

uint16_t McapWriter::add_channel(const std::string& topic, const std::string& schema_name,
                                 const std::string& schema) {
  const auto index = static_cast<uint16_t>(channels_.size());
  const auto schema_id = static_cast<uint16_t>(index + 1);  // 0 is none
  Channel channel;
  channel.schema =
      record(kSchema, Fields().number(schema_id).text(schema_name).text("jsonschema").text(schema));
  channel.record =
      record(kChannel, Fields().number(index).number(schema_id).text(topic).text("json").text(""));
  chunk_ += channel.schema;
  chunk_ += channel.record;
  channels_.push_back(std::move(channel));
  return index;
}

void McapWriter::write(uint16_t channel, uint64_t time, std::string_view json) {
  Channel& of = channels_.at(channel);
  const bool opens = std::ranges::all_of(channels_, [](const Channel& one) { return one.entries.empty(); });
  chunk_first_ = opens ? time : std::min(chunk_first_, time);
  chunk_last_ = opens ? time : std::max(chunk_last_, time);
  of.entries.push_back({time, chunk_.size()});
  chunk_ += record(kMessage, Fields().number(channel).number(of.count++).number(time).number(time).raw(json));
  first_ = messages_ == 0 ? time : std::min(first_, time);
  last_ = std::max(last_, time);
  ++messages_;
  if (chunk_.size() >= kChunk) close_chunk();
}

void McapWriter::close_chunk() {
  if (chunk_.empty()) return;
  const auto size = static_cast<uint64_t>(chunk_.size());
  const uint64_t start = written_;
  put(record(kChunkRecord, Fields()
                               .number(chunk_first_)
                               .number(chunk_last_)
                               .number(size)
                               .number(crc32(chunk_))
                               .text("")
                               .number(size)
                               .raw(chunk_)));
  const uint64_t behind = written_;
  Fields offsets;
  for (size_t i = 0; i < channels_.size(); ++i) {
    std::vector<Entry>& entries = channels_[i].entries;
    if (entries.empty()) continue;
    Fields times;
    for (const Entry& entry : entries) times.number(entry.time).number(entry.offset);
    offsets.number(static_cast<uint16_t>(i)).number(written_);
    put(record(kMessageIndex, Fields().number(static_cast<uint16_t>(i)).text(times.bytes())));
    entries.clear();
  }
  chunk_indices_.push_back(record(kChunkIndex, Fields()
                                                   .number(chunk_first_)
                                                   .number(chunk_last_)
                                                   .number(start)
                                                   .number(behind - start)
                                                   .text(offsets.bytes())
                                                   .number(written_ - behind)
                                                   .text("")
                                                   .number(size)
                                                   .number(size)));
  chunk_.clear();
  chunk_first_ = chunk_last_ = 0;
}

void McapWriter::add_metadata(const std::string& name, const std::map<std::string, std::string>& values) {
  Fields pairs;
  for (const auto& [key, value] : values) pairs.text(key).text(value);
  const std::string bytes = record(kMetadata, Fields().text(name).text(pairs.bytes()));
  metadata_indices_.push_back(record(
      kMetadataIndex, Fields().number(written_).number(static_cast<uint64_t>(bytes.size())).text(name)));
  put(bytes);
}

std::string McapWriter::statistics() const {
  Fields counts;
  for (size_t i = 0; i < channels_.size(); ++i)
    counts.number(static_cast<uint16_t>(i)).number(uint64_t{channels_[i].count});
  const auto count = [](size_t n) { return static_cast<uint32_t>(n); };
  return record(kStatistics, Fields()
                                 .number(messages_)
                                 .number(static_cast<uint16_t>(channels_.size()))
                                 .number(count(channels_.size()))
                                 .number(uint32_t{0})  // attachments
                                 .number(count(metadata_indices_.size()))
                                 .number(count(chunk_indices_.size()))
                                 .number(first_)
                                 .number(last_)
                                 .text(counts.bytes()));
}

// Groups of records, and behind them where each group lies.
std::string McapWriter::summary() const {
  std::string groups, offsets;
  const auto add = [&](Record kind, const std::string& records) {
    if (!records.empty())
      offsets += record(kSummaryOffset, Fields()
                                            .number(static_cast<uint8_t>(kind))
                                            .number(written_ + groups.size())
                                            .number(static_cast<uint64_t>(records.size())));
    groups += records;
  };
  std::string schemas, channels, chunks, metadata;
  for (const Channel& channel : channels_) {
    schemas += channel.schema;
    channels += channel.record;
  }
  for (const std::string& index : chunk_indices_) chunks += index;
  for (const std::string& index : metadata_indices_) metadata += index;
  add(kSchema, schemas);
  add(kChannel, channels);
  add(kStatistics, statistics());
  add(kChunkIndex, chunks);
  add(kMetadataIndex, metadata);
  // The footer: its own CRC is of all this and of its first two fields.
  const std::string places = Fields().number(written_).number(written_ + groups.size()).bytes();
  const std::string footer =
      Fields().number(static_cast<uint8_t>(kFooter)).number(uint64_t{20}).raw(places).bytes();
  std::string all = groups + offsets + footer;
  return all + Fields().number(crc32(all)).bytes();
}

void McapWriter::finish() {
  close_chunk();
  put(record(kDataEnd, Fields().number(crc_)));
  put(summary());
  put(kMagic);
  file_.commit();
}

}  // namespace reverie::interop
