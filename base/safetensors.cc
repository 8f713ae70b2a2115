#include "base/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"

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

using Json = nlohmann::ordered_json;

template <typename T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::kF32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::kF64;
}
template <>
constexpr DType dtype_of<int64_t>() {
  return DType::kI64;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::kI32;
}
template <>
constexpr DType dtype_of<uint8_t>() {
  return DType::kU8;
}

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

// A tensor of the header, before its bytes are copied.
struct Entry {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // bytes within the buffer after the header
};

// Reads one file's bytes; every complaint starts with the path.
class Reader {
 public:
  Reader(std::string path, std::string_view bytes) : path_(std::move(path)), bytes_(bytes) {}

  SafeTensors read() {
    const Json header = parse_header();
    SafeTensors content;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") {
        content.metadata = parse_metadata(value);
      } else {
        entries.push_back(parse_entry(name, value));
      }
    }
    check_layout(entries);
    for (Entry& entry : entries) {
      const auto data = std::as_bytes(std::span(buffer_.substr(entry.begin, entry.end - entry.begin)));
      content.tensors[entry.name] = {entry.dtype, std::move(entry.shape), {data.begin(), data.end()}};
    }
    return content;
  }

 private:
  template <typename... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    throw UserError(path_ + ": " + fmt::format(format, std::forward<Args>(args)...));
  }

  Json parse_header() {
    if (bytes_.size() < 8) fail("expected a safetensors file of at least 8 bytes, found {}", bytes_.size());
    uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), 8);
    if (length > kMaxHeader) fail("header length {} exceeds the limit of {} bytes", length, kMaxHeader);
    if (length > bytes_.size() - 8) {
      fail("truncated: header of {} bytes expected, {} bytes left", length, bytes_.size() - 8);
    }
    const std::string_view text = bytes_.substr(8, length);
    buffer_ = bytes_.substr(8 + length);
    std::vector<std::string> keys;
    const auto watch_keys = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth == 1 && event == Json::parse_event_t::key) {
        keys.push_back(parsed.get<std::string>());
      }
      return true;
    };
    Json header = Json::parse(text, watch_keys, /*allow_exceptions=*/false);
    if (header.is_discarded() || !header.is_object() || !text.starts_with('{')) {
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
    if (covered > buffer_.size())
      fail("truncated: {} bytes of data expected, {} found", covered, buffer_.size());
    if (covered < buffer_.size()) fail("{} bytes of data expected, {} found", covered, buffer_.size());
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
  std::string_view bytes_;
  std::string_view buffer_;
};

}  // namespace

size_t dtype_size(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].size; }
std::string_view dtype_name(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].name; }

template <typename T>
TensorData make_tensor(std::span<const T> values, std::vector<int64_t> shape) {
  constexpr DType kType = dtype_of<T>();
  if (byte_count(shape, kType) != values.size_bytes()) {
    throw std::logic_error(
        fmt::format("make_tensor: {} values do not fill shape {}", values.size(), shape_text(shape)));
  }
  const auto bytes = std::as_bytes(values);
  return {kType, std::move(shape), {bytes.begin(), bytes.end()}};
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
  // Wide elements first keeps every tensor aligned to its element size.
  std::vector<std::pair<std::string_view, const TensorData*>> order;
  order.reserve(content.tensors.size());
  for (const auto& [name, tensor] : content.tensors) order.emplace_back(name, &tensor);
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) {
    return dtype_size(a.second->dtype) > dtype_size(b.second->dtype);
  });

  Json header = Json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : order) {
    if (byte_count(tensor->shape, tensor->dtype) != tensor->data.size()) {
      throw std::logic_error(fmt::format("save_safetensors: '{}' holds {} bytes, which do not fill {}", name,
                                         tensor->data.size(), shape_text(tensor->shape)));
    }
    const uint64_t end = offset + tensor->data.size();
    header[std::string(name)] = {
        {"dtype", dtype_name(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data starts 8-aligned
  if (text.size() > kMaxHeader) throw std::logic_error("save_safetensors: header too large");

  std::vector<std::byte> bytes(8 + text.size() + offset);
  const uint64_t length = text.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  std::byte* out = bytes.data() + 8 + text.size();
  for (const auto& [name, tensor] : order) out = std::ranges::copy(tensor->data, out).out;
  write_file_atomic(path, bytes);
}

SafeTensors load_safetensors(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  return Reader(path.string(), bytes).read();
}

}  // namespace reverie::base
