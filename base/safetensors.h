// The safetensors container of named tensors, for weights and episodes.
// A file is an 8-byte little-endian header length, a JSON header and the raw bytes of the tensors. Those can be
// written from, and read into, the arrays of a program, so that large files need no memory of their own. Reading
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

#include "base/files.h"

namespace reverie::base {

enum class DType { kF32, kF64, kI64, kI32, kU8, kBool };
size_t dtype_size(DType dtype);            // bytes of one element
std::string_view dtype_name(DType dtype);  // "F32", "F64", "I64", "I32", "U8", "BOOL"

// The dtype of T: float, double, int64_t, int32_t or uint8_t.
template <typename T>
DType dtype_of();

// One tensor in row-major order; `data` holds product(shape) * dtype_size bytes.
struct TensorData {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::vector<std::byte> data;
};

// A tensor whose bytes are elsewhere, in pieces one behind the other.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::vector<std::span<const std::byte>> pieces;  // together product(shape) * dtype_size bytes
};

// T as in dtype_of. make_tensor throws std::logic_error when
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

// Writes the file atomically, in name order, aligned by dtype size first; a seal (base/checksum.h) is filled in.
void save_safetensors(const std::filesystem::path& path, const SafeTensors& content);
// The same file, from tensors that are elsewhere; they are not copied.
void save_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                      const std::map<std::string, std::string>& metadata);

// Throws UserError "<path>: ..." naming what is broken: a truncated or otherwise damaged file is the user's
// input, and so is one whose seal does not fit.
SafeTensors load_safetensors(const std::filesystem::path& path);

// A file whose header was read and checked as above, and whose tensors are read one at a time.
class SafeTensorsFile {
 public:
  struct Tensor {
    DType dtype = DType::kF32;
    std::vector<int64_t> shape;
    uint64_t begin = 0, end = 0;  // bytes within the file
  };

  explicit SafeTensorsFile(const std::filesystem::path& path);  // throws UserError as load_safetensors

  const std::map<std::string, Tensor>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  // Fills the pieces, one after the other, with the bytes of an existing tensor. Throws std::logic_error when
  // they do not fit.
  void read(const std::string& name, std::span<const std::span<std::byte>> pieces) const;

 private:
  FileReader file_;
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace reverie::base
