#include "training/tensorboard.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "base/protobuf.h"

namespace reverie::training {
namespace {

using base::Protobuf;

constexpr uint32_t kPolynomial = 0x82F63B78;  // Castagnoli's, with the low bit first

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[i] = value;
  }
  return table;
}

// TFRecord rotates its checksums and adds a number, so that a checksum of a checksum is not trivial.
uint32_t masked_crc(std::string_view text) {
  const uint32_t crc = crc32c(std::as_bytes(std::span(text)));
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

template <typename T>
std::string little_endian(T value) {
  std::string out;
  for (size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

// A record of TFRecord: length, its checksum, content, its checksum.
std::string record(const Protobuf& event) {
  const std::string& content = event.bytes();
  const std::string length = little_endian(static_cast<uint64_t>(content.size()));
  return length + little_endian(masked_crc(length)) + content + little_endian(masked_crc(content));
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double seconds_of(const MetricRow& row) {
  const auto found = row.values.find("time/seconds");
  return found == row.values.end() || !std::isfinite(found->second) ? 0.0 : found->second;
}

// Event: wall_time 1, step 2, file_version 3, summary 5; Summary: value 1; Value: tag 1, simple_value 2.
std::string head(double began) { return record(Protobuf().float64(1, began).text(3, "brain.Event:2")); }

std::string event(const MetricRow& row, double began) {
  Protobuf summary;
  for (const auto& [name, value] : row.values)
    if (std::isfinite(value))
      summary.message(1, Protobuf().text(1, name).float32(2, static_cast<float>(value)));
  return record(Protobuf()
                    .float64(1, began + seconds_of(row))
                    .integer(2, static_cast<uint64_t>(row.step))
                    .message(5, summary));
}

void append(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << bytes << std::flush;
  if (!file) base::throw_user_error("{}: cannot write: {}", path.string(), std::strerror(errno));
}

}  // namespace

uint32_t crc32c(std::span<const std::byte> bytes) {
  static constexpr std::array<uint32_t, 256> kTable = crc_table();
  uint32_t value = ~0U;
  for (const std::byte byte : bytes)
    value = (value >> 8) ^ kTable[(value ^ static_cast<uint32_t>(byte)) & 0xFF];
  return ~value;
}

std::filesystem::path event_path(const std::filesystem::path& run) {
  return run / "events.out.tfevents.reverie";
}

MetricSink event_sink(const std::filesystem::path& run) {
  return [run, began = 0.0](const MetricRow& row) mutable {
    if (began != 0.0) {
      append(event_path(run), event(row, began));
      return;
    }
    began = now() - seconds_of(row);
    std::string all = head(began);
    for (const MetricRow& written : read_metrics(run)) all += event(written, began);
    base::write_file_atomic(event_path(run), all);
  };
}

}  // namespace reverie::training
