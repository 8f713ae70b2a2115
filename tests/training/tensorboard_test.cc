#include "training/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/temporary_directory.h"

namespace reverie::training {
namespace {

uint32_t crc_of(std::string_view text) { return crc32c(std::as_bytes(std::span(text))); }

TEST(Crc32c, HasTheCheckValueOfItsDefinition) { EXPECT_EQ(crc_of("123456789"), 0xE3069283U); }

// The contents of the records of a file, their lengths followed and checksums skipped.
std::vector<std::string> records_of(const std::string& bytes) {
  std::vector<std::string> out;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t length = 0;
    std::memcpy(&length, bytes.data() + at, sizeof length);
    out.push_back(bytes.substr(at + 12, length));
    at += 12 + length + 4;
  }
  return out;
}

class EventFile : public testing::Test {
 protected:
  std::vector<std::string> records() const { return records_of(base::read_file(event_path(folder.path()))); }
  void write(const std::vector<MetricSink>& sinks, int64_t step) const {
    for (const MetricSink& sink : sinks) sink({step, {{"eval/return", 0.5}, {"bad", std::nan("")}}});
  }
  base::TemporaryDirectory folder;
};

TEST_F(EventFile, HasAHeadAndARecordForEachRow) {
  const std::vector<MetricSink> sinks = run_sinks(folder.path(), "tensorboard");
  write(sinks, 5);
  write(sinks, 10);
  const std::vector<std::string> all = records();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[0], testing::HasSubstr("brain.Event:2"));
  EXPECT_THAT(all[1],
              testing::AllOf(testing::HasSubstr("eval/return"), testing::Not(testing::HasSubstr("bad"))));
}

TEST_F(EventFile, IsWrittenAnewFromTheMetricsWhenATrainingGoesOn) {
  write(run_sinks(folder.path(), "tensorboard"), 5);
  write(run_sinks(folder.path(), "tensorboard"), 10);
  truncate_metrics(folder.path(), 5);
  write(run_sinks(folder.path(), "tensorboard"), 8);
  EXPECT_EQ(records().size(), 3U);  // head, 5, 8
}

TEST_F(EventFile, IsNotThereUnlessItIsAskedFor) {
  write(run_sinks(folder.path(), "none"), 5);
  EXPECT_FALSE(std::filesystem::exists(event_path(folder.path())));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "metrics.jsonl"));
}

}  // namespace
}  // namespace reverie::training
