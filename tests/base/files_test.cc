#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/temporary_directory.h"

namespace reverie::base {
namespace {

namespace fs = std::filesystem;

TEST(Files, WritesAndReplacesWholeFiles) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "a.txt";
  const std::string text("one\0two\n", 8);
  write_file_atomic(path, text);
  EXPECT_EQ(read_file(path), text);
  write_file_atomic(path, "x");
  EXPECT_EQ(read_file(path), "x");
  write_file_atomic(path, "");
  EXPECT_EQ(read_file(path), "");
  // No temporary file stays behind.
  EXPECT_EQ(std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator{}), 1);
}

TEST(Files, AFailedWriteLeavesTheOldFileAndNoTemporary) {
  const TemporaryDirectory directory;
  EXPECT_THROW(write_file_atomic(directory.path() / "none" / "a.txt", "x"), std::runtime_error);
  // A directory cannot be replaced by a file: the rename fails after the temporary was written.
  const fs::path blocked = directory.path() / "blocked";
  fs::create_directories(blocked / "inside");
  EXPECT_THROW(write_file_atomic(blocked, "x"), std::runtime_error);
  EXPECT_TRUE(fs::is_directory(blocked / "inside"));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator{}), 1);
}

TEST(Files, ReadNamesThePath) {
  const TemporaryDirectory directory;
  for (const fs::path& path : {directory.path() / "missing.txt", directory.path()}) {
    try {
      read_file(path);
      FAIL() << path;
    } catch (const UserError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(path.string()));
    }
  }
}

TEST(Files, ASizeIsBoundedBeforeTheFileIsRead) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "large";
  write_file_atomic(path, "1234");
  EXPECT_EQ(read_file(path, 4), "1234");
  fs::resize_file(path, uint64_t{1} << 42);  // a hole: as text it would need more memory than there is
  try {
    read_file(path, kMostText);
    FAIL() << "4 TiB were read";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("large: too large, at most 16777216 bytes are read"));
  }
  EXPECT_THROW(read_file("/dev/zero", 100000), UserError);  // its size is not known before
}

TEST(Files, ReadsFilesOfUnknownSize) { EXPECT_FALSE(read_file("/proc/self/stat").empty()); }

// Published FNV-1a 64 vectors.
TEST(ContentHash, MatchesKnownAnswers) {
  EXPECT_EQ(content_hash(""), "cbf29ce484222325");
  EXPECT_EQ(content_hash("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(content_hash("foobar"), "85944171f73967e8");
}

}  // namespace
}  // namespace reverie::base
