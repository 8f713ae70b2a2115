#include "contract/snapshot.h"

#include <gmock/gmock.h>

#include <array>
#include <stdexcept>

namespace reverie::contract {
namespace {

Snapshot three_rows() {
  Snapshot snapshot{"test", 2 * sizeof(int), {}};
  for (int i = 0; i < 3; ++i) append_numbers(snapshot.records, std::span<const int>(std::array{i, 10 * i}));
  return snapshot;
}

std::array<int, 2> numbers(const Snapshot& snapshot, int row) {
  std::array<int, 2> out{};
  std::span<const std::byte> record = snapshot.record(row);
  take_numbers(record, std::span<int>(out).first(1));
  take_numbers(record, std::span<int>(out).last(1));
  EXPECT_TRUE(record.empty());
  return out;
}

TEST(Snapshot, PicksRowsInAnyOrderAndManyTimes) {
  const Snapshot snapshot = three_rows();
  EXPECT_EQ(snapshot.batch_size(), 3);
  const Snapshot picked = pick_rows(snapshot, std::array{2, 0, 2, 2});
  EXPECT_EQ(picked.kind, "test");
  EXPECT_EQ(picked.batch_size(), 4);
  EXPECT_EQ(numbers(picked, 1), (std::array{0, 0}));
  for (const int row : {0, 2, 3}) EXPECT_EQ(numbers(picked, row), (std::array{2, 20}));
  EXPECT_EQ(pick_rows(snapshot, {}).batch_size(), 0);
  EXPECT_THROW(pick_rows(snapshot, std::array{3}), std::out_of_range);
  EXPECT_THROW(pick_rows(snapshot, std::array{-1}), std::out_of_range);
}

TEST(Snapshot, OfAnotherKindOrSizeIsRefusedWithBothNamed) {
  const auto message = [](const Snapshot& snapshot, const std::string& kind, size_t bytes) -> std::string {
    try {
      check_snapshot(snapshot, kind, bytes);
    } catch (const std::logic_error& error) {
      return error.what();
    }
    return "";
  };
  Snapshot snapshot = three_rows();
  using ::testing::AllOf;
  using ::testing::HasSubstr;
  EXPECT_EQ(message(snapshot, "test", 8), "");
  EXPECT_THAT(message(snapshot, "other", 8), AllOf(HasSubstr("'test'"), HasSubstr("'other'")));
  EXPECT_THAT(message(snapshot, "test", 12), AllOf(HasSubstr("of 8"), HasSubstr("of 12")));
  snapshot.records.pop_back();
  EXPECT_THAT(message(snapshot, "test", 8), HasSubstr("23 bytes"));
}

}  // namespace
}  // namespace reverie::contract
