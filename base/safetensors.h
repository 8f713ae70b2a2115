// The safetensors container of named tensors, for weights and episodes.
// A file is an 8-byte little-endian header length, a JSON header and the raw bytes of the tensors. Reading
// checks what the public reader checks: header length and JSON, dtype names, offsets in order with no gap or
// overlap, byte counts equal to shape x dtype, and that the whole buffer is covered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::base {

enum class DType { kF32, kF64, kI64, kI32, kU8, kBool };
size_t dtype_size(DType dtype);            // bytes of one element
std::string_view dtype_name(DType dtype);  // "F32", "F64", "I64", "I32", "U8", "BOOL"

// One tensor in row-major order; `data` holds product(shape) * dtype_size bytes.
struct TensorData {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::vector<std::byte> data;
};

// T: float, double, int64_t, int32_t or uint8_t. make_tensor throws std::logic_error when
// values and shape disagree.
template <typename T>
TensorData make_tensor(std::span<const T> values, std::vector<int64_t> shape);
// Throws UserError when the dtype is another.
template <typename T>
std::span<const T> tensor_values(const TensorData& tensor);

struct SafeTensors {
  std::map<std::string, TensorData> tensors;    // name -> tensor
  std::map<std::string, std::string> metadata;  // the header's "__metadata__"

  // The tensor of that name; throws UserError naming it and the nearest existing name.
  const TensorData& at(const std::string& name) const;
};

// Writes the file atomically (base/files.h). Tensors are laid out in name order, aligned by dtype size first.
void save_safetensors(const std::filesystem::path& path, const SafeTensors& content);

// Throws UserError "<path>: ..." naming what is broken: a truncated or otherwise damaged
// file is the user's input.
SafeTensors load_safetensors(const std::filesystem::path& path);

}  // namespace reverie::base
