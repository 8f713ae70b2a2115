#include "base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"

namespace reverie::base {
namespace {

TEST(AtomicFile, PiecesBecomeTheFileWhenItIsCommitted) {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "a";
  write_file_atomic(path, "before");
  const std::string large(200'000, 'x');  // more than is gathered
  AtomicFile file(path);
  file.put("small ");
  file.put(large);
  file.put(" end");
  EXPECT_EQ(read_file(path), "before");
  file.commit();
  EXPECT_EQ(read_file(path), "small " + large + " end");
}

TEST(AtomicFile, LeavesNothingBehindThatWasNotCommitted) {
  const TemporaryDirectory directory;
  {
    AtomicFile file(directory.path() / "a");
    file.put("something");
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  EXPECT_THROW(AtomicFile(directory.path() / "nowhere" / "a"), UserError);
}

TEST(AtomicFile, APipeIsNotReplaced) {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THROW(write_file_atomic(path, "text"), UserError);
  EXPECT_TRUE(std::filesystem::is_fifo(path));
}

TEST(AtomicFile, StopsBetweenPieces) {
  const TemporaryDirectory directory;
  Stop stop;
  {
    AtomicFile file(directory.path() / "a", &stop);
    file.put("something");
    stop.request();
    EXPECT_THROW(file.commit(), Interrupted);
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

}  // namespace
}  // namespace reverie::base
