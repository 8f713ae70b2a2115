#include "base/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"

namespace reverie::base {
namespace {

namespace fs = std::filesystem;

template <typename T>
std::vector<T> values(const SafeTensors& content, const std::string& name) {
  const auto span = tensor_values<T>(content.at(name));
  return {span.begin(), span.end()};
}

using Shape = std::vector<int64_t>;

// tests/data/reference.safetensors was written by the public Python writer.
TEST(SafeTensorsFile, ReadsThePublicWritersFile) {
  const SafeTensors content = load_safetensors(fs::path(REVERIE_TEST_DATA) / "reference.safetensors");
  EXPECT_EQ(content.tensors.size(), 8u);
  EXPECT_EQ(content.metadata, (std::map<std::string, std::string>{{"name", "reference"}, {"note", "größe"}}));
  EXPECT_EQ(content.at("weight").shape, (Shape{2, 3}));
  EXPECT_EQ(values<float>(content, "weight"), (std::vector<float>{0, 0.25, 0.5, 0.75, 1, 1.25}));
  EXPECT_EQ(values<double>(content, "state"), (std::vector<double>{1.0 / 3.0, -2.5e300, 0.0}));
  EXPECT_EQ(content.at("ids").shape, (Shape{2, 1}));
  EXPECT_EQ(values<int64_t>(content, "ids"), (std::vector<int64_t>{-1, int64_t{1} << 40}));
  EXPECT_EQ(values<int32_t>(content, "small"), (std::vector<int32_t>{-7, 8}));
  EXPECT_EQ(values<uint8_t>(content, "bytes"), (std::vector<uint8_t>{0, 255, 3}));
  EXPECT_EQ(content.at("flags").dtype, DType::kBool);
  EXPECT_EQ(content.at("flags").data, (std::vector<std::byte>{std::byte{1}, std::byte{0}}));
  EXPECT_EQ(content.at("empty").shape, (Shape{0, 4}));
  EXPECT_EQ(content.at("scalar").shape, Shape{});
  EXPECT_EQ(values<float>(content, "scalar"), std::vector<float>{2.5f});
}

SafeTensors sample() {
  SafeTensors content;
  content.metadata["kind"] = "a \"test\"";
  content.tensors["b/bytes"] = make_tensor<uint8_t>(std::vector<uint8_t>{1, 2, 3}, {3});
  content.tensors["a"] = make_tensor<float>(std::vector<float>{1, 2, 3, 4}, {2, 2});
  content.tensors["z"] = make_tensor<double>(std::vector<double>{0.1}, {1, 1});
  content.tensors["none"] = make_tensor<double>({}, {3, 0});
  return content;
}

TEST(SafeTensorsFile, RoundTripKeepsEveryBit) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "x.safetensors";
  const SafeTensors content = sample();
  save_safetensors(path, content);
  const SafeTensors read = load_safetensors(path);
  EXPECT_EQ(read.metadata, content.metadata);
  ASSERT_EQ(read.tensors.size(), content.tensors.size());
  for (const auto& [name, tensor] : content.tensors) {
    EXPECT_EQ(read.at(name).dtype, tensor.dtype) << name;
    EXPECT_EQ(read.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(read.at(name).data, tensor.data) << name;
  }
  const std::string first = read_file(path);
  save_safetensors(path, content);
  EXPECT_EQ(read_file(path), first);  // same content, same file
}

// Pieces of every size: empty, many small ones, and some larger than what is gathered for the disk.
TEST(SafeTensorsFile, PiecesMakeTheSameFileAsWholeTensorsAndAreReadBack) {
  const TemporaryDirectory directory;
  const fs::path whole = directory.path() / "whole.safetensors", pieces = directory.path() / "pieces";
  std::vector<std::byte> bytes(300'000 * 4);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * i % 251);
  SafeTensors content = sample();
  content.tensors["long"] = {DType::kF32, {300'000}, bytes};
  save_safetensors(whole, content);
  std::map<std::string, TensorView> views;
  for (const auto& [name, tensor] : content.tensors)
    views[name] = {tensor.dtype, tensor.shape, {std::span(tensor.data)}};
  std::vector<std::byte> read(bytes.size());
  std::vector<std::span<std::byte>> places;
  views["long"].pieces.clear();
  size_t at = 0;
  for (size_t k = 0; at < bytes.size(); ++k) {
    const size_t size = std::min(k % 100 == 99 ? size_t{70'001} : k % 7, bytes.size() - at);
    views["long"].pieces.push_back(std::span(bytes).subspan(at, size));
    places.push_back(std::span(read).subspan(at, size));
    at += size;
  }
  save_safetensors(pieces, views, content.metadata);
  EXPECT_TRUE(read_file(pieces) == read_file(whole));
  const SafeTensorsFile file(pieces);
  file.read("long", places);
  EXPECT_TRUE(read == bytes);
  places.pop_back();
  EXPECT_THROW(file.read("long", places), std::logic_error);
  views["long"].pieces.pop_back();
  EXPECT_THROW(save_safetensors(pieces, views, content.metadata), std::logic_error);
  EXPECT_TRUE(read_file(pieces) == read_file(whole));  // as it was
}

TEST(SafeTensorsFile, AnEmptyFileIsAFile) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "x.safetensors";
  save_safetensors(path, {});
  EXPECT_TRUE(load_safetensors(path).tensors.empty());
}

TEST(SafeTensorsFile, AccessorsNameWhatIsWrong) {
  const SafeTensors content = sample();
  try {
    content.at("b/byte");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "no tensor 'b/byte' (did you mean 'b/bytes'?)");
  }
  EXPECT_THROW(tensor_values<float>(content.at("z")), UserError);
  EXPECT_THROW(make_tensor<float>(std::vector<float>{1, 2}, {3}), std::logic_error);
}

std::string file_of(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string out(8, '\0');
  std::memcpy(out.data(), &length, 8);
  return out + header + data;
}

struct Damaged {
  const char* what;
  std::string bytes;
  const char* expected;  // part of the message
};

const std::string kData(16, 'x');

// A header with the one tensor "a".
std::string one(const std::string& entry) { return R"({"a":)" + entry + "}"; }

std::vector<Damaged> damaged_layouts() {
  const std::string good =
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})";
  std::string long_header = file_of("{}", "");
  long_header[1] = 1;  // 258 bytes
  std::string huge_header = file_of("{}", "");
  huge_header[7] = 127;
  return {
      {"no bytes", "", "at least 8 bytes"},
      {"seven bytes", "1234567", "at least 8 bytes"},
      {"header longer than the file", long_header, "truncated"},
      {"header beyond the limit", huge_header, "limit"},
      {"header not JSON", file_of("{\"a\":", kData), "not a JSON object"},
      {"header not an object", file_of("[]", ""), "not a JSON object"},
      {"header with a leading blank", file_of(" {}", ""), "not a JSON object"},
      {"data cut off", file_of(good, kData.substr(0, 12)), "truncated"},
      {"data cut off altogether", file_of(good, ""), "truncated"},
      {"bytes left over", file_of(good, kData + "yyyy"), "20 found"},
      {"overlap",
       file_of(
           R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
           kData.substr(0, 12)),
       "'b': data_offsets [4, 12]"},
      {"gap",
       file_of(
           R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})",
           kData),
       "'b': data_offsets [8, 16]"},
      {"backwards", file_of(one(R"({"dtype":"F32","shape":[0],"data_offsets":[0,-4]})"), ""),
       "expected a size"},
      {"does not start at 0", file_of(one(R"({"dtype":"F32","shape":[2],"data_offsets":[8,16]})"), kData),
       "start at 0"},
      {"wrong byte count", file_of(one(R"({"dtype":"F32","shape":[3],"data_offsets":[0,16]})"), kData),
       "needs 12 bytes"},
  };
}

std::vector<Damaged> damaged_entries() {
  return {
      {"shape overflow",
       file_of(
           one(R"({"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,16]})"),
           kData),
       "too large"},
      {"negative shape", file_of(one(R"({"dtype":"F32","shape":[-4],"data_offsets":[0,16]})"), kData),
       "expected a size"},
      {"fractional shape", file_of(one(R"({"dtype":"F32","shape":[4.0],"data_offsets":[0,16]})"), kData),
       "expected a size"},
      {"unknown dtype", file_of(one(R"({"dtype":"F33","shape":[4],"data_offsets":[0,16]})"), kData),
       "\"F33\""},
      {"dtype not a string", file_of(one(R"({"dtype":4,"shape":[4],"data_offsets":[0,16]})"), kData),
       "dtype 4"},
      {"no offsets", file_of(one(R"({"dtype":"F32","shape":[4]})"), kData),
       "expected dtype, shape and data_offsets"},
      {"three offsets", file_of(one(R"({"dtype":"F32","shape":[4],"data_offsets":[0,8,16]})"), kData),
       "not a pair"},
      {"entry not an object", file_of(one("3"), kData), "expected dtype, shape and data_offsets"},
      {"a name twice",
       file_of(
           R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})",
           kData),
       "'a' is listed twice"},
      {"metadata not strings", file_of(R"({"__metadata__":{"n":3}})", ""), "'n' is not a string"},
      {"metadata not an object", file_of(R"({"__metadata__":"n"})", ""), "__metadata__ is not"},
      {"bad UTF-8", file_of("{\"\xff\":3}", ""), "not a JSON object"},
  };
}

void expect_errors(const std::vector<Damaged>& files) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "damaged.safetensors";
  for (const Damaged& damaged : files) {
    std::ofstream(path, std::ios::binary) << damaged.bytes;
    try {
      load_safetensors(path);
      ADD_FAILURE() << damaged.what;
    } catch (const UserError& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(path.string() + ": ")) << damaged.what;
      EXPECT_THAT(error.what(), testing::HasSubstr(damaged.expected)) << damaged.what;
    }
  }
}

TEST(SafeTensorsFile, DamageIsTheUsersInput) {
  expect_errors(damaged_layouts());
  expect_errors(damaged_entries());
}

TEST(SafeTensorsFile, EveryTruncationIsNoticed) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "x.safetensors";
  save_safetensors(path, sample());
  const std::string whole = read_file(path);
  for (size_t n = 0; n < whole.size(); ++n) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, n);
    EXPECT_THROW(load_safetensors(path), UserError) << n;
  }
}

}  // namespace
}  // namespace reverie::base
