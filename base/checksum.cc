#include "base/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace reverie::base {
namespace {

// The constants of XXH64.
constexpr uint64_t kP1 = 0x9e3779b185ebca87, kP2 = 0xc2b2ae3d27d4eb4f, kP3 = 0x165667b19e3779f9,
                   kP4 = 0x85ebca77c2b2ae63, kP5 = 0x27d4eb2f165667c5;
constexpr size_t kStripe = 32, kDigits = 16;
constexpr std::string_view kKey = "\"checksum\"", kValue = "\"xxh64:", kZeros = "0000000000000000";

template <typename T>
uint64_t number_at(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

uint64_t mixed(uint64_t lane, uint64_t input) { return std::rotl(lane + input * kP2, 31) * kP1; }

uint64_t joined(uint64_t hash, uint64_t lane) { return (hash ^ mixed(0, lane)) * kP1 + kP4; }

void add_stripe(std::array<uint64_t, 4>& lanes, const std::byte* bytes) {
  for (size_t i = 0; i < lanes.size(); ++i) lanes[i] = mixed(lanes[i], number_at<uint64_t>(bytes + 8 * i));
}

// What is left of the last stripe.
uint64_t with_tail(uint64_t hash, std::span<const std::byte> tail) {
  for (; tail.size() >= 8; tail = tail.subspan(8))
    hash = std::rotl(hash ^ mixed(0, number_at<uint64_t>(tail.data())), 27) * kP1 + kP4;
  if (tail.size() >= 4) {
    hash = std::rotl(hash ^ (number_at<uint32_t>(tail.data()) * kP1), 23) * kP2 + kP3;
    tail = tail.subspan(4);
  }
  for (const std::byte byte : tail) hash = std::rotl(hash ^ (static_cast<uint64_t>(byte) * kP5), 11) * kP1;
  return hash;
}

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

size_t behind_blanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t')) ++at;
  return at;
}

// Where the value of the key that stands at `key` begins; the end of the text when there is none.
size_t value_of_key(std::string_view text, size_t key) {
  const size_t colon = behind_blanks(text, key + kKey.size());
  if (colon >= text.size() || text[colon] != ':') return text.size();
  return behind_blanks(text, colon + 1);
}

// The key of a seal: no tensor of that name, whose value is an object.
size_t find_key(std::string_view text, size_t from) {
  for (size_t at = text.find(kKey, from); at != std::string_view::npos; at = text.find(kKey, at + 1)) {
    const size_t value = value_of_key(text, at);
    if (value >= text.size() || text[value] != '{') return at;
  }
  return std::string_view::npos;
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

void add_sealed(Checksum& sum, std::string_view text, size_t digits) {
  sum.add(bytes_of(text.substr(0, digits)));
  sum.add(bytes_of(kZeros));
  sum.add(bytes_of(text.substr(digits + kDigits)));
}

void add_file(Checksum& sum, const FileReader& file, uint64_t from, uint64_t end) {
  std::vector<std::byte> piece(std::min<uint64_t>(end - from, uint64_t{1} << 18));
  while (from < end) {
    const std::span<std::byte> now = std::span(piece).first(std::min<uint64_t>(piece.size(), end - from));
    file.read(from, now);
    sum.add(now);
    from += now.size();
  }
}

void expect_sum(const Checksum& sum, std::string_view written, const std::string& name) {
  if (sum.text() != written) {
    throw_user_error("{}: damaged: its bytes have the checksum {}, it was written with {}", name, sum.text(),
                     written);
  }
}

}  // namespace

void Checksum::add(std::span<const std::byte> bytes) {
  const size_t held = total_ % kStripe;
  total_ += bytes.size();
  if (held > 0) {
    const size_t taken = std::min(kStripe - held, bytes.size());
    std::ranges::copy(bytes.first(taken), held_.begin() + static_cast<ptrdiff_t>(held));
    bytes = bytes.subspan(taken);
    if (held + taken < kStripe) return;
    add_stripe(lanes_, held_.data());
  }
  std::array<uint64_t, 4> lanes = lanes_;
  for (; bytes.size() >= kStripe; bytes = bytes.subspan(kStripe)) add_stripe(lanes, bytes.data());
  lanes_ = lanes;
  std::ranges::copy(bytes, held_.begin());
}

uint64_t Checksum::value() const {
  uint64_t hash = kP5;
  if (total_ >= kStripe) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
           std::rotl(lanes_[3], 18);
    for (const uint64_t lane : lanes_) hash = joined(hash, lane);
  }
  hash = with_tail(hash + total_, std::span(held_).first(total_ % kStripe));
  hash = (hash ^ (hash >> 33)) * kP2;
  hash = (hash ^ (hash >> 29)) * kP3;
  return hash ^ (hash >> 32);
}

std::string Checksum::text() const { return fmt::format("{:016x}", value()); }

std::string checksum(std::string_view bytes) {
  Checksum sum;
  sum.add(bytes_of(bytes));
  return sum.text();
}

std::string file_checksum(const std::filesystem::path& path) {
  const FileReader file(path);
  Checksum sum;
  add_file(sum, file, 0, file.size());
  return sum.text();
}

std::optional<size_t> find_seal(std::string_view text, const std::string& name) {
  const size_t key = find_key(text, 0), value = text.find(kValue);
  if (key == std::string_view::npos && value == std::string_view::npos) return std::nullopt;
  const bool twice =
      (key != std::string_view::npos && find_key(text, key + 1) != std::string_view::npos) ||
      (value != std::string_view::npos && text.find(kValue, value + 1) != std::string_view::npos);
  const bool together = key != std::string_view::npos && value_of_key(text, key) == value;
  if (twice || !together) throw_user_error("{}: damaged: what is left of its checksum cannot be read", name);
  const size_t digits = value + kValue.size();
  const std::string_view rest = text.substr(digits);
  if (rest.size() <= kDigits || rest[kDigits] != '"' ||
      !std::ranges::all_of(rest.substr(0, kDigits), is_digit))
    throw_user_error("{}: damaged: its checksum cannot be read", name);
  return digits;
}

void seal(std::string& text) {
  const std::optional<size_t> digits = find_seal(text, "seal");
  if (!digits) throw std::logic_error("seal: the text has no place for a checksum");
  Checksum sum;
  add_sealed(sum, text, *digits);
  text.replace(*digits, kDigits, sum.text());
}

bool check_seal(std::string_view text, const std::string& name) {
  const std::optional<size_t> digits = find_seal(text, name);
  if (!digits) return false;
  Checksum sum;
  add_sealed(sum, text, *digits);
  expect_sum(sum, text.substr(*digits, kDigits), name);
  return true;
}

bool check_file_seal(const std::filesystem::path& path, std::string_view head, uint64_t offset) {
  const std::optional<size_t> digits = find_seal(head, path.string());
  if (!digits) return false;
  const FileReader file(path);
  Checksum sum;
  add_file(sum, file, 0, offset);
  add_sealed(sum, head, *digits);
  add_file(sum, file, offset + head.size(), file.size());
  expect_sum(sum, head.substr(*digits, kDigits), path.string());
  return true;
}

}  // namespace reverie::base
