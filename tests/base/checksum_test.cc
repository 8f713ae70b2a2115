#include "base/checksum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/safetensors.h"
#include "base/temporary_directory.h"

namespace reverie::base {
namespace {

namespace fs = std::filesystem;

// The published vectors of XXH64 with seed 0.
TEST(Checksum, HasThePublishedValues) {
  EXPECT_EQ(checksum(""), "ef46db3751d8e999");
  EXPECT_EQ(checksum("a"), "d24ec4f1a98c6e5b");
  EXPECT_EQ(checksum("abc"), "44bc2cf5ad770999");
  EXPECT_EQ(checksum("Nobody inspects the spammish repetition"), "fbcea83c8a378bf1");
}

TEST(Checksum, DoesNotDependOnThePieces) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 7);
  for (const size_t piece : {1, 3, 31, 32, 33, 64, 999}) {
    Checksum sum;
    for (size_t at = 0; at < text.size(); at += piece)
      sum.add(std::as_bytes(std::span(std::string_view(text).substr(at, piece))));
    EXPECT_EQ(sum.text(), checksum(text)) << piece;
  }
}

std::string sealed(std::string text) {
  seal(text);
  return text;
}

const std::string kText =
    std::string("{\n \"a\": 1,\n \"checksum\": \"") + kOpenSeal + "\",\n \"z\": [2]\n}\n";

TEST(Seal, EveryFlippedBitIsFound) {
  const std::string text = sealed(kText);
  EXPECT_TRUE(check_seal(text, "file"));
  EXPECT_EQ(sealed(text), text) << "sealing again changes nothing";
  for (size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THROW(check_seal(other, "file"), UserError) << bit;
  }
}

TEST(Seal, AFileWithoutOneIsNotChecked) {
  EXPECT_FALSE(check_seal("{\"a\": 1}", "file"));
  EXPECT_FALSE(check_seal("{\"checksum\":{\"dtype\":\"F32\"}}", "file")) << "a tensor of that name";
}

TEST(Seal, OfASafeTensorsFileCoversHeaderAndNumbers) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "x.safetensors";
  SafeTensors content;
  content.metadata = {{kSealKey, kOpenSeal}, {"kind", "test"}};
  content.tensors["a"] = make_tensor<float>(std::vector<float>{1, 2, 3, 4}, {2, 2});
  save_safetensors(path, content);
  SafeTensors back = load_safetensors(path);
  EXPECT_EQ(back.tensors.at("a").data, content.tensors.at("a").data);
  const std::string bytes = read_file(path);
  save_safetensors(path, back);
  EXPECT_EQ(read_file(path), bytes) << "what was read is sealed again";
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string other = bytes;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(path, std::ios::binary) << other;
    EXPECT_THROW(load_safetensors(path), UserError) << bit;
  }
}

// A header that would cost far more memory than its file has.
TEST(Seal, ADeepHeaderIsRefused) {
  const TemporaryDirectory directory;
  const std::string header = "{\"a\":" + std::string(100000, '[');
  const uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  write_file_atomic(directory.path() / "x", bytes + header);
  EXPECT_THROW(load_safetensors(directory.path() / "x"), UserError);
}

}  // namespace
}  // namespace reverie::base
