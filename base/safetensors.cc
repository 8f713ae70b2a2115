#include "base/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "base/checksum.h"
#include "base/error.h"

namespace reverie::base {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors holds little-endian numbers");

// Ordered by kind, as in enum DType.
struct DTypeInfo {
  std::string_view name;
  size_t size;
};
constexpr std::array<DTypeInfo, 6> kDTypes{
    {{"F32", 4}, {"F64", 8}, {"I64", 8}, {"I32", 4}, {"U8", 1}, {"BOOL", 1}}};

// The public reader's limit on the header.
constexpr uint64_t kMaxHeader = 100'000'000;
constexpr int kMaxDepth = 4;  // of the header's JSON: file, tensor, list, number

using Json = nlohmann::ordered_json;

// product(shape) * element size; throws std::overflow_error on a negative or absurd size.
uint64_t byte_count(std::span<const int64_t> shape, DType dtype) {
  uint64_t count = dtype_size(dtype);
  for (const int64_t n : shape) {
    uint64_t product = 0;
    if (n < 0 || __builtin_mul_overflow(count, static_cast<uint64_t>(n), &product)) {
      throw std::overflow_error("tensor size out of range");
    }
    count = product;
  }
  return count;
}

std::string shape_text(std::span<const int64_t> shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

// A tensor of the header; its bytes are counted from the end of the header.
struct Entry : SafeTensorsFile::Tensor {
  std::string name;
};

// Reads one file's header; every complaint starts with the path.
class HeaderReader {
 public:
  explicit HeaderReader(const FileReader& file) : path_(file.path().string()), file_(file) {}

  void read(std::map<std::string, SafeTensorsFile::Tensor>& tensors,
            std::map<std::string, std::string>& metadata) {
    const Json header = parse_header();
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") {
        metadata = parse_metadata(value);
      } else {
        entries.push_back(parse_entry(name, value));
      }
    }
    check_layout(entries);
    for (Entry& entry : entries) {
      tensors[entry.name] = {entry.dtype, std::move(entry.shape), data_begin_ + entry.begin,
                             data_begin_ + entry.end};
    }
    check_file_seal(file_.path(), text_, 8);
  }

 private:
  template <typename... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    throw UserError(path_ + ": " + fmt::format(format, std::forward<Args>(args)...));
  }

  Json parse_header() {
    if (file_.size() < 8) fail("expected a safetensors file of at least 8 bytes, found {}", file_.size());
    uint64_t length = 0;
    file_.read(0, std::as_writable_bytes(std::span(&length, 1)));
    if (length > kMaxHeader) fail("header length {} exceeds the limit of {} bytes", length, kMaxHeader);
    if (length > file_.size() - 8) {
      fail("truncated: header of {} bytes expected, {} bytes left", length, file_.size() - 8);
    }
    text_.resize(length);
    file_.read(8, std::as_writable_bytes(std::span(text_)));
    data_begin_ = 8 + length;
    std::vector<std::string> keys;
    const auto watch_keys = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth > kMaxDepth) fail("header is nested deeper than {} levels", kMaxDepth);
      if (depth == 1 && event == Json::parse_event_t::key) {
        keys.push_back(parsed.get<std::string>());
      }
      return true;
    };
    Json header = Json::parse(text_, watch_keys, /*allow_exceptions=*/false);
    if (header.is_discarded() || !header.is_object() || !text_.starts_with('{')) {
      fail("header is not a JSON object");
    }
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice != keys.end()) fail("tensor '{}' is listed twice", *twice);
    return header;
  }

  std::map<std::string, std::string> parse_metadata(const Json& value) const {
    if (!value.is_object()) fail("__metadata__ is not a JSON object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("__metadata__ '{}' is not a string", key);
      metadata[key] = text.get<std::string>();
    }
    return metadata;
  }

  uint64_t parse_size(const std::string& name, const Json& value) const {
    if (!value.is_number_unsigned() ||
        value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      fail("tensor '{}': expected a size, found {}", name, value.dump());
    }
    return value.get<uint64_t>();
  }

  Entry parse_entry(const std::string& name, const Json& value) const {
    Entry entry;
    entry.name = name;
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets")) {
      fail("tensor '{}': expected dtype, shape and data_offsets, found {}", name, value.dump());
    }
    const Json& dtype = value["dtype"];
    const auto known = std::ranges::find_if(kDTypes, [&](const DTypeInfo& info) {
      return dtype.is_string() && dtype.get<std::string>() == info.name;
    });
    if (known == kDTypes.end()) {
      fail("tensor '{}': dtype {} is not one of F32, F64, I64, I32, U8, BOOL", name, dtype.dump());
    }
    entry.dtype = static_cast<DType>(known - kDTypes.begin());
    const Json& shape = value["shape"];
    const Json& offsets = value["data_offsets"];
    if (!shape.is_array()) fail("tensor '{}': shape is not a list", name);
    for (const Json& n : shape) entry.shape.push_back(static_cast<int64_t>(parse_size(name, n)));
    if (!offsets.is_array() || offsets.size() != 2) fail("tensor '{}': data_offsets is not a pair", name);
    entry.begin = parse_size(name, offsets[0]);
    entry.end = parse_size(name, offsets[1]);
    return entry;
  }

  // Tensors must tile the buffer: no gap, no overlap, no byte left over.
  void check_layout(std::vector<Entry>& entries) const {
    std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    uint64_t covered = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != covered || entry.end < entry.begin) {
        fail("tensor '{}': data_offsets [{}, {}] do not start at {}, where the tensor before ends",
             entry.name, entry.begin, entry.end, covered);
      }
      check_bytes(entry);
      covered = entry.end;
    }
    const uint64_t found = file_.size() - data_begin_;
    if (covered > found) fail("truncated: {} bytes of data expected, {} found", covered, found);
    if (covered < found) fail("{} bytes of data expected, {} found", covered, found);
  }

  void check_bytes(const Entry& entry) const {
    uint64_t bytes = 0;
    try {
      bytes = byte_count(entry.shape, entry.dtype);
    } catch (const std::overflow_error&) {
      fail("tensor '{}': shape {} is too large", entry.name, shape_text(entry.shape));
    }
    if (bytes != entry.end - entry.begin) {
      fail("tensor '{}': {} {} needs {} bytes, data_offsets hold {}", entry.name, dtype_name(entry.dtype),
           shape_text(entry.shape), bytes, entry.end - entry.begin);
    }
  }

  std::string path_;
  const FileReader& file_;
  std::string text_;  // of the header
  uint64_t data_begin_ = 0;
};

// The checksum of all pieces goes into the header's text, which is one of them.
void seal_header(std::string& text, std::span<const std::span<const std::byte>> pieces) {
  const std::optional<size_t> digits = find_seal(text, "save_safetensors");
  if (!digits) return;
  const std::string_view open = kOpenSeal;
  const std::string_view zeros = open.substr(open.find(':') + 1);
  text.replace(*digits, zeros.size(), zeros);
  Checksum sum;
  for (const auto piece : pieces) sum.add(piece);
  text.replace(*digits, zeros.size(), sum.text());
}

}  // namespace

size_t dtype_size(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].size; }
std::string_view dtype_name(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].name; }

template <>
DType dtype_of<float>() {
  return DType::kF32;
}
template <>
DType dtype_of<double>() {
  return DType::kF64;
}
template <>
DType dtype_of<int64_t>() {
  return DType::kI64;
}
template <>
DType dtype_of<int32_t>() {
  return DType::kI32;
}
template <>
DType dtype_of<uint8_t>() {
  return DType::kU8;
}

template <typename T>
TensorData make_tensor(std::span<const T> values, std::vector<int64_t> shape) {
  const DType dtype = dtype_of<T>();
  if (byte_count(shape, dtype) != values.size_bytes()) {
    throw std::logic_error(
        fmt::format("make_tensor: {} values do not fill shape {}", values.size(), shape_text(shape)));
  }
  const auto bytes = std::as_bytes(values);
  return {dtype, std::move(shape), {bytes.begin(), bytes.end()}};
}

template <typename T>
std::span<const T> tensor_values(const TensorData& tensor) {
  if (tensor.dtype != dtype_of<T>()) {
    throw_user_error("tensor: expected {} values, found {}", dtype_name(dtype_of<T>()),
                     dtype_name(tensor.dtype));
  }
  // std::vector's storage is aligned for every fundamental type.
  return {reinterpret_cast<const T*>(tensor.data.data()), tensor.data.size() / sizeof(T)};
}

#define REVERIE_INSTANTIATE(T)                                                  \
  template TensorData make_tensor<T>(std::span<const T>, std::vector<int64_t>); \
  template std::span<const T> tensor_values<T>(const TensorData&)
REVERIE_INSTANTIATE(float);
REVERIE_INSTANTIATE(double);
REVERIE_INSTANTIATE(int64_t);
REVERIE_INSTANTIATE(int32_t);
REVERIE_INSTANTIATE(uint8_t);
#undef REVERIE_INSTANTIATE

const TensorData& SafeTensors::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found != tensors.end()) return found->second;
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const auto& [known, tensor] : tensors) names.push_back(known);
  throw_user_error("no tensor '{}'{}", name, did_you_mean(name, names));
}

void save_safetensors(const std::filesystem::path& path, const SafeTensors& content) {
  std::map<std::string, TensorView> views;
  for (const auto& [name, tensor] : content.tensors)
    views[name] = {tensor.dtype, tensor.shape, {std::span(tensor.data)}};
  save_safetensors(path, views, content.metadata);
}

void save_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                      const std::map<std::string, std::string>& metadata) {
  // Wide elements first keeps every tensor aligned to its element size.
  std::vector<std::pair<std::string_view, const TensorView*>> order;
  order.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) order.emplace_back(name, &tensor);
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) {
    return dtype_size(a.second->dtype) > dtype_size(b.second->dtype);
  });

  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::vector<std::span<const std::byte>> pieces(2);  // the length and the text of the header come first
  uint64_t offset = 0;
  for (const auto& [name, tensor] : order) {
    uint64_t size = 0;
    for (const auto piece : tensor->pieces) size += piece.size();
    if (byte_count(tensor->shape, tensor->dtype) != size) {
      throw std::logic_error(fmt::format("save_safetensors: '{}' holds {} bytes, which do not fill {}", name,
                                         size, shape_text(tensor->shape)));
    }
    const uint64_t end = offset + size;
    header[std::string(name)] = {
        {"dtype", dtype_name(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    pieces.insert(pieces.end(), tensor->pieces.begin(), tensor->pieces.end());
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data starts 8-aligned
  if (text.size() > kMaxHeader) throw std::logic_error("save_safetensors: header too large");
  const uint64_t length = text.size();
  pieces[0] = std::as_bytes(std::span(&length, 1));
  pieces[1] = std::as_bytes(std::span(text));
  seal_header(text, pieces);  // in place
  write_file_atomic(path, pieces);
}

SafeTensors load_safetensors(const std::filesystem::path& path) {
  const SafeTensorsFile file(path);
  SafeTensors content;
  content.metadata = file.metadata();
  for (const auto& [name, tensor] : file.tensors()) {
    TensorData& data = content.tensors[name];
    data = {tensor.dtype, tensor.shape, std::vector<std::byte>(tensor.end - tensor.begin)};
    const std::span<std::byte> bytes = data.data;
    file.read(name, std::span(&bytes, 1));
  }
  return content;
}

SafeTensorsFile::SafeTensorsFile(const std::filesystem::path& path) : file_(path) {
  HeaderReader(file_).read(tensors_, metadata_);
}

void SafeTensorsFile::read(const std::string& name, std::span<const std::span<std::byte>> pieces) const {
  const Tensor& tensor = tensors_.at(name);
  uint64_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  if (size != tensor.end - tensor.begin) {
    throw std::logic_error(fmt::format("SafeTensorsFile: '{}' holds {} bytes, asked for {}", name,
                                       tensor.end - tensor.begin, size));
  }
  file_.read(tensor.begin, pieces);
}

}  // namespace reverie::base
