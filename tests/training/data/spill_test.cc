// A replay whose older episodes are on the disk samples what one in memory samples.
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/temporary_directory.h"
#include "tests/training/data/replay_episodes.h"

namespace reverie::training {
namespace {

void expect_same(const ReplayBuffer& memory, const ReplayBuffer& disk) {
  ASSERT_EQ(memory.decisions(), disk.decisions());
  ASSERT_EQ(memory.steps(), disk.steps());
  for (uint64_t update = 0; update < 20; ++update) {
    const SequenceBatch a = draw(memory, 3, 32, update), b = draw(disk, 3, 32, update);
    EXPECT_EQ(a.observations, b.observations);
    EXPECT_EQ(a.actions, b.actions);
    EXPECT_EQ(a.rewards, b.rewards);
    EXPECT_EQ(a.terminated, b.terminated);
    EXPECT_EQ(a.mask, b.mask);
    EXPECT_EQ(a.between, b.between);
  }
  const policies::RowStatistics a = memory.row_statistics(), b = disk.row_statistics();
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.deviation, b.deviation);
  EXPECT_EQ(a.change, b.change);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.sample, b.sample);
  EXPECT_EQ(a.sample_next, b.sample_next);
  EXPECT_EQ(memory.rewards().rewards(), disk.rewards().rewards());
  EXPECT_EQ(memory.rewards().largest_sum(), disk.rewards().largest_sum());
}

// Both kinds of rows, an end inside a decision, and an old episode that goes on while later ones end.
TEST(Spill, SamplesAreThoseOfAReplayInMemory) {
  const base::TemporaryDirectory scratch;
  for (const bool keep_between : {false, true}) {
    ReplayBuffer memory(small_spec(), 3, 90, 0.97, keep_between),
        disk(small_spec(), 3, 90, 0.97, keep_between);
    disk.spill_beyond(200, scratch.path());
    for (ReplayBuffer* buffer : {&memory, &disk}) buffer->begin(1, 2, observation(2, 0));
    for (uint64_t k = 3; k < 25; ++k) {
      for (ReplayBuffer* buffer : {&memory, &disk}) {
        buffer->add(
            0, make(k, 4 + static_cast<int64_t>(k % 6), k % 2 == 0 ? End::kTruncated : End::kTerminated));
        if (k < 11)
          append(*buffer, 1, 2, static_cast<int64_t>(k) - 3, k == 10 ? End::kTruncated : End::kRunning);
      }
      expect_same(memory, disk);
    }
    EXPECT_GT(disk.spilled_bytes(), 200);
    EXPECT_EQ(memory.spilled_bytes(), 0);
    for (ReplayBuffer* buffer : {&memory, &disk}) buffer->forget_before(20);
    expect_same(memory, disk);
  }
}

TEST(Spill, FinishedEpisodesTakeNoMoreMemoryThanAllowed) {
  const base::TemporaryDirectory scratch;
  ReplayBuffer empty(small_spec(), 1, 1000000), disk(small_spec(), 1, 1000000);
  constexpr int64_t kLimit = 4000;
  disk.spill_beyond(kLimit, scratch.path());
  int64_t all = 0;
  for (uint64_t k = 0; k < 500; ++k) {
    disk.add(0, make(k, 20, End::kTruncated));
    all += static_cast<int64_t>((2 + 20 * 4) * sizeof(float));
  }
  EXPECT_EQ(disk.episodes(), 500);
  // What every episode takes beside its rows stays: that of empty ones.
  for (uint64_t k = 0; k < 500; ++k) empty.begin(static_cast<int>(k), k, observation(k, 0));
  EXPECT_LE(disk.bytes(), empty.bytes() + kLimit);
  EXPECT_GE(disk.spilled_bytes(), all - kLimit);
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));  // the file has no name
}

TEST(Spill, AFolderThatIsGoneIsTheUsersInput) {
  ReplayBuffer disk(small_spec(), 1, 1000);
  disk.spill_beyond(0, "/nowhere/at/all");
  EXPECT_THROW(disk.add(0, make(0, 5, End::kTruncated)), base::UserError);
}

}  // namespace
}  // namespace reverie::training
