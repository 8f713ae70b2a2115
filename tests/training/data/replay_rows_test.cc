// The replay buffer's rows inside decisions, and what it says of all rows.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/training/data/replay_episodes.h"

namespace reverie::training {
namespace {

// Row k inside decision h of column b: the step that it shows.
float step_between(const SequenceBatch& batch, int64_t h, int64_t k, int64_t b) {
  return batch.between[((h * (batch.repeat - 1) + k) * batch.batch + b) * 2 + 1];
}

TEST(ReplayBuffer, KeepsTheRowsInsideDecisions) {
  constexpr int64_t kLength = 7, kHorizon = 4,
                    kColumns = 64;  // the last decision of 2 or 3 steps is cut short
  for (const int repeat : {1, 2, 3}) {
    for (const End end : {End::kRunning, End::kTruncated, End::kTerminated}) {
      ReplayBuffer buffer(small_spec(), repeat, 1000, 0.97, true);
      buffer.add(0, make(4, kLength, end));
      const SequenceBatch batch = draw(buffer, kHorizon, kColumns);
      ASSERT_EQ(batch.repeat, repeat);
      ASSERT_EQ(std::ssize(batch.between), kHorizon * (repeat - 1) * kColumns * 2);
      const int64_t last = end == End::kRunning ? kLength / repeat * repeat : kLength;
      for (int64_t b = 0; b < kColumns; ++b) {
        const auto start = static_cast<int64_t>(Column{batch, b}.step(0));
        for (int64_t h = 0; h < kHorizon; ++h) {
          for (int64_t k = 0; k + 1 < repeat; ++k) {
            const int64_t step = std::min(start + h * repeat + k + 1, last);
            EXPECT_EQ(step_between(batch, h, k, b), static_cast<float>(step)) << repeat << " " << start;
          }
        }
      }
    }
  }
}

TEST(ReplayBuffer, RowsInsideDecisionsAreKeptOnlyWhenAskedFor) {
  ReplayBuffer buffer(small_spec(), 3, 1000);
  buffer.add(0, make(4, 7, End::kTruncated));
  const SequenceBatch batch = draw(buffer, 2, 8);
  EXPECT_EQ(batch.repeat, 0);
  EXPECT_TRUE(batch.between.empty());
  EXPECT_TRUE(buffer.row_statistics().sample.empty());
}

TEST(ReplayBuffer, RowsInsideDecisionsDoNotDependOnTheOrderOfArrival) {
  ReplayBuffer interleaved(small_spec(), 3, 30, 0.97, true), rebuilt(small_spec(), 3, 30, 0.97, true);
  interleaved.begin(0, 1, observation(1, 0));
  interleaved.add(1, make(0, 20, End::kTruncated));  // goes when there is more than fits
  interleaved.begin(1, 2, observation(2, 0));
  for (int64_t t = 0; t < 7; ++t) {
    append(interleaved, 0, 1, t);
    append(interleaved, 1, 2, t, t == 6 ? End::kTerminated : End::kRunning);
  }
  rebuilt.add(0, make(2, 7, End::kTerminated));
  rebuilt.add(0, make(1, 7, End::kRunning));
  append(interleaved, 0, 1, 7);  // in the middle of a decision
  append(rebuilt, 0, 1, 7);
  ASSERT_EQ(interleaved.episodes(), 2);
  for (uint64_t update = 0; update < 5; ++update)
    EXPECT_EQ(draw(interleaved, 2, 32, update).between, draw(rebuilt, 2, 32, update).between);
  const policies::RowStatistics a = interleaved.row_statistics(), b = rebuilt.row_statistics();
  EXPECT_EQ(a.sample, b.sample);
  EXPECT_EQ(a.sample_next, b.sample_next);
}

// Of 7 control steps in decisions of 3, 3 and 1, and of those of a running episode only the folded ones.
TEST(ReplayBuffer, SamplesTransitionsOfOneControlStep) {
  for (const int repeat : {1, 2, 3}) {
    ReplayBuffer buffer(small_spec(), repeat, 1000, 0.97, true);
    buffer.add(0, make(4, 7, End::kTerminated));
    buffer.add(0, make(5, 7, End::kRunning));
    std::vector<float> rows, next;
    for (const uint64_t k : {4U, 5U}) {
      for (int64_t t = 0; t < (k == 4 ? 7 : 7 / repeat * repeat); ++t) {
        rows.insert(rows.end(), {static_cast<float>(k), static_cast<float>(t)});
        next.insert(next.end(), {static_cast<float>(k), static_cast<float>(t + 1)});
      }
    }
    const policies::RowStatistics statistics = buffer.row_statistics();
    EXPECT_EQ(statistics.sample, rows) << repeat;
    EXPECT_EQ(statistics.sample_next, next) << repeat;
  }
}

TEST(ReplayBuffer, SamplesTransitionsEvenly) {
  constexpr int64_t kEpisodes = 50, kSteps = 200;  // 10000 transitions
  ReplayBuffer buffer(small_spec(), 2, 1 << 20, 0.97, true);
  for (uint64_t k = 0; k < kEpisodes; ++k) buffer.add(0, make(k, kSteps, End::kTruncated));
  const policies::RowStatistics statistics = buffer.row_statistics();
  ASSERT_EQ(std::ssize(statistics.sample), ReplayBuffer::kSampled * 2);
  for (int64_t i = 0; i < ReplayBuffer::kSampled; ++i) {
    const int64_t expected = i * kEpisodes * kSteps / ReplayBuffer::kSampled;
    ASSERT_EQ(statistics.sample[2 * i] * kSteps + statistics.sample[2 * i + 1], static_cast<float>(expected));
    ASSERT_EQ(statistics.sample_next[2 * i + 1], statistics.sample[2 * i + 1] + 1);
  }
}

TEST(ReplayBuffer, RowStatistics) {
  ReplayBuffer buffer(small_spec(), 1, 100);
  buffer.add(0, make(3, 4, End::kTruncated));  // rows (3, 0) to (3, 4), of which the last begins no decision
  const policies::RowStatistics rows = buffer.row_statistics();
  EXPECT_EQ(rows.mean, (std::vector<float>{3.0f, 1.5f}));
  EXPECT_EQ(rows.deviation[0], 0.0f);
  EXPECT_FLOAT_EQ(rows.deviation[1], std::sqrt(1.25f));
  EXPECT_EQ(rows.change, (std::vector<float>{0.0f, 1.0f}));
  EXPECT_EQ(rows.low, (std::vector<float>{3.0f, 0.0f}));
  EXPECT_EQ(rows.high, (std::vector<float>{3.0f, 4.0f}));
}

}  // namespace
}  // namespace reverie::training
