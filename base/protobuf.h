// Writes messages of Protocol Buffers, the encoding of ONNX and of TensorBoard.
// Numbers of fields come from the formats' own definitions; nothing is read.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace reverie::base {

class Protobuf {
 public:
  Protobuf& integer(int field, uint64_t value) {
    varint(static_cast<uint64_t>(field) << 3);
    varint(value);
    return *this;
  }
  Protobuf& text(int field, std::string_view value) {
    varint((static_cast<uint64_t>(field) << 3) | 2);
    varint(value.size());
    bytes_.append(value);
    return *this;
  }
  Protobuf& message(int field, const Protobuf& value) { return text(field, value.bytes_); }
  Protobuf& float32(int field, float value) {
    varint((static_cast<uint64_t>(field) << 3) | 5);
    fixed(std::bit_cast<uint32_t>(value));
    return *this;
  }
  Protobuf& float64(int field, double value) {
    varint((static_cast<uint64_t>(field) << 3) | 1);
    fixed(std::bit_cast<uint64_t>(value));
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  template <typename T>
  void fixed(T value) {  // little-endian
    for (size_t i = 0; i < sizeof(T); ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  }

  std::string bytes_;
};

}  // namespace reverie::base
