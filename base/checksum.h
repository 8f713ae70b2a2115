// Checksums that files carry, so that a changed byte is found before anything in them is believed.
// A file is sealed by a text `"checksum": "xxh64:<16 hex digits>"` in it: the checksum of all its bytes with
// these digits as zeros. Key and value each give the seal away: a bit that flips in one of them leaves the other, and
// half a seal is damage. What has no trace of a seal is of before there were any, or of another program.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reverie::base {

// XXH64 with seed 0, of bytes as they come.
class Checksum {
 public:
  void add(std::span<const std::byte> bytes);
  uint64_t value() const;    // of what came so far
  std::string text() const;  // the same as 16 hex digits

 private:
  std::array<uint64_t, 4> lanes_ = {0x60ea27eeadc0b5d6, 0xc2b2ae3d27d4eb4f, 0, 0x61c8864e7a143579};
  std::array<std::byte, 32> held_ = {};  // bytes that do not fill a stripe yet
  uint64_t total_ = 0;
};

std::string checksum(std::string_view bytes);
// Of a file, read in pieces. Throws UserError as FileReader.
std::string file_checksum(const std::filesystem::path& path);

// Key and value of a seal before its digits are known, for JSON objects and safetensors metadata.
inline constexpr const char* kSealKey = "checksum";
inline constexpr const char* kOpenSeal = "xxh64:0000000000000000";

// Where the digits of the seal stand in `text`; nothing when there is no trace of one. Throws UserError, beginning with
// `name`, when there is half a seal or more than one.
std::optional<size_t> find_seal(std::string_view text, const std::string& name);

// Fills in the digits. Throws std::logic_error when `text` has no seal.
void seal(std::string& text);

// Throws UserError, beginning with `name`, when the seal does not fit. False when there is none to check.
bool check_seal(std::string_view text, const std::string& name);
// The same of a file whose first bytes, from `offset` on, are `head`: the seal is in there.
bool check_file_seal(const std::filesystem::path& path, std::string_view head, uint64_t offset);

}  // namespace reverie::base
