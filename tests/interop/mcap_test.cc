#include "interop/mcap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"
#include "tests/interop/mcap_reader.h"

namespace reverie::interop {
namespace {

constexpr size_t kMagic = 8;

// A file of two topics and several chunks, as bytes.
class WrittenMcap : public testing::Test {
 protected:
  static constexpr int kMessages = 5000;

  WrittenMcap() {
    McapWriter writer(path);
    writer.add_metadata("about", {{"task", "a/b"}, {"empty", ""}});
    const uint16_t fast = writer.add_channel("/fast", "a.Fast", R"({"type": "object"})");
    const uint16_t slow = writer.add_channel("/slow", "a.Slow", "{}");
    for (int i = 0; i < kMessages; ++i) {
      writer.write(fast, time_of(i), std::string(500, 'x') + std::to_string(i));
      if (i % 10 == 0) writer.write(slow, time_of(i), std::to_string(i));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    writer.finish();
    bytes = base::read_file(path);
  }

  static uint64_t time_of(int i) { return 1000 + static_cast<uint64_t>(i) * 7; }
  std::vector<McapRecord> all() const {
    std::vector<McapRecord> records =
        mcap_records(std::string_view(bytes).substr(kMagic, bytes.size() - 2 * kMagic));
    for (McapRecord& record : records) record.offset += kMagic;
    return records;
  }
  std::vector<McapRecord> of_kind(int kind) const {
    std::vector<McapRecord> found;
    for (const McapRecord& record : all())
      if (record.kind == kind) found.push_back(record);
    return found;
  }

  base::TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "a.mcap";
  std::string bytes;
};

TEST(Crc32, IsThatOfZlib) {
  EXPECT_EQ(crc32(""), 0u);
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);  // the check value that catalogues of CRCs give
  EXPECT_EQ(crc32("56789", crc32("1234")), crc32("123456789"));
  EXPECT_EQ(crc32(std::string(32, '\0')), 0x190A55ADu);
}

TEST_F(WrittenMcap, BeginsAndEndsAsTheFormatSays) {
  const std::string magic("\x89MCAP0\r\n", kMagic);
  EXPECT_EQ(bytes.substr(0, kMagic), magic);
  EXPECT_EQ(bytes.substr(bytes.size() - kMagic), magic);
  const std::vector<McapRecord> records = all();
  EXPECT_EQ(records.front().kind, 0x01);
  EXPECT_EQ(records.back().kind, 0x02);
  EXPECT_EQ(of_kind(0x0F).size(), 1u);
  McapFields header{records.front().content};
  EXPECT_EQ(header.text(), "");
  EXPECT_THAT(header.text(), testing::StartsWith("reverie "));
}

TEST_F(WrittenMcap, HasEveryMessageInItsOrder) {
  const std::vector<McapMessage> messages = mcap_messages(bytes);
  ASSERT_EQ(messages.size(), kMessages + kMessages / 10u);
  size_t at = 0;
  for (int i = 0; i < kMessages; ++i) {
    EXPECT_EQ(messages[at].topic, "/fast");
    EXPECT_EQ(messages[at].schema, "a.Fast");
    EXPECT_EQ(messages[at].time, time_of(i));
    EXPECT_EQ(messages[at].data, std::string(500, 'x') + std::to_string(i));
    ++at;
    if (i % 10 != 0) continue;
    EXPECT_EQ(messages[at].topic, "/slow");
    EXPECT_EQ(messages[at].data, std::to_string(i));
    ++at;
  }
}

TEST_F(WrittenMcap, ChecksumsAreOfWhatTheyStandFor) {
  for (const McapRecord& chunk : of_kind(0x06)) {
    McapFields fields{chunk.content};
    fields.take(24);
    const auto crc = fields.number<uint32_t>();
    fields.text();
    EXPECT_EQ(crc, crc32(fields.take(fields.number<uint64_t>())));
  }
  const McapRecord end = of_kind(0x0F).front(), footer = all().back();
  EXPECT_EQ(McapFields{end.content}.number<uint32_t>(), crc32(std::string_view(bytes).substr(0, end.offset)));
  McapFields fields{footer.content};
  const auto summary = fields.number<uint64_t>();
  fields.number<uint64_t>();
  EXPECT_EQ(fields.number<uint32_t>(),
            crc32(std::string_view(bytes).substr(summary, bytes.size() - kMagic - 4 - summary)));
}

TEST_F(WrittenMcap, IndicesPointAtChunksAndMessages) {
  const std::vector<McapRecord> chunks = of_kind(0x06), indices = of_kind(0x08);
  ASSERT_GT(chunks.size(), 1u);
  ASSERT_EQ(indices.size(), chunks.size());
  size_t found = 0;
  for (size_t i = 0; i < indices.size(); ++i) {
    McapFields index{indices[i].content};
    const auto first = index.number<uint64_t>(), last = index.number<uint64_t>();
    EXPECT_EQ(index.number<uint64_t>(), chunks[i].offset);
    EXPECT_EQ(index.number<uint64_t>(), chunks[i].content.size() + 9);
    McapFields chunk{chunks[i].content};
    EXPECT_EQ(chunk.number<uint64_t>(), first);
    EXPECT_EQ(chunk.number<uint64_t>(), last);
    chunk.take(12);
    chunk.text();
    const std::string_view records = chunk.take(chunk.number<uint64_t>());
    const std::string places = index.text();
    for (McapFields place{places}; !place.left.empty();) {
      const auto channel = place.number<uint16_t>();
      const McapRecord record = mcap_record_at(bytes, place.number<uint64_t>());
      ASSERT_EQ(record.kind, 0x07);
      McapFields fields{record.content};
      EXPECT_EQ(fields.number<uint16_t>(), channel);
      const std::string entries = fields.text();
      for (McapFields entry{entries}; !entry.left.empty(); ++found) {
        const auto time = entry.number<uint64_t>();
        const McapRecord message = mcap_record_at(records, entry.number<uint64_t>());
        ASSERT_EQ(message.kind, 0x05);
        McapFields content{message.content};
        EXPECT_EQ(content.number<uint16_t>(), channel);
        content.take(4);
        EXPECT_EQ(content.number<uint64_t>(), time);
        EXPECT_GE(time, first);
        EXPECT_LE(time, last);
      }
    }
  }
  EXPECT_EQ(found, kMessages + kMessages / 10u);
}

TEST_F(WrittenMcap, CountsWhatItHolds) {
  McapFields statistics{of_kind(0x0B).front().content};
  EXPECT_EQ(statistics.number<uint64_t>(), kMessages + kMessages / 10u);
  EXPECT_EQ(statistics.number<uint16_t>(), 2);   // schemas
  EXPECT_EQ(statistics.number<uint32_t>(), 2u);  // channels
  EXPECT_EQ(statistics.number<uint32_t>(), 0u);  // attachments
  EXPECT_EQ(statistics.number<uint32_t>(), 1u);  // metadata
  EXPECT_EQ(statistics.number<uint32_t>(), of_kind(0x06).size());
  EXPECT_EQ(statistics.number<uint64_t>(), time_of(0));
  EXPECT_EQ(statistics.number<uint64_t>(), time_of(kMessages - 1));
  const std::string counts = statistics.text();
  McapFields each{counts};
  EXPECT_EQ(each.number<uint16_t>(), 0);
  EXPECT_EQ(each.number<uint64_t>(), static_cast<uint64_t>(kMessages));
  EXPECT_EQ(each.number<uint16_t>(), 1);
  EXPECT_EQ(each.number<uint64_t>(), static_cast<uint64_t>(kMessages / 10));
}

TEST(McapWriter, LeavesNothingBehindThatIsNotFinished) {
  const base::TemporaryDirectory directory;
  {
    McapWriter writer(directory.path() / "a.mcap");
    writer.write(writer.add_channel("/a", "a.A", "{}"), 0, "{}");
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  EXPECT_THROW(McapWriter(directory.path() / "nowhere" / "a.mcap"), base::UserError);
}

}  // namespace
}  // namespace reverie::interop
