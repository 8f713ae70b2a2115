#include "training/data/replay_buffer.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include "base/error.h"
#include "tests/training/data/replay_episodes.h"

namespace reverie::training {
namespace {

TEST(ReplayBuffer, FoldsRowsIntoDecisions) {
  ReplayBuffer buffer(small_spec(), 3, 1000);
  buffer.add(0, make(4, 7, End::kTruncated));  // decisions of 3, 3 and 1 rows
  EXPECT_EQ(buffer.decisions(), 3);
  EXPECT_EQ(buffer.steps(), 7);
  const SequenceBatch batch = draw(buffer, 3, 64);
  bool from_start = false;
  for (int64_t b = 0; b < 64; ++b) {
    const Column c{batch, b};
    if (c.step(0) != 0) continue;
    from_start = true;
    EXPECT_EQ(c.step(1), 3);
    EXPECT_EQ(c.step(2), 6);
    EXPECT_EQ(c.step(3), 7);
    EXPECT_EQ(c.at(batch.actions, 0), action(4, 0));
    EXPECT_EQ(c.at(batch.actions, 1), action(4, 3));
    EXPECT_EQ(c.at(batch.actions, 2), action(4, 6));
    EXPECT_EQ(c.at(batch.rewards, 0), 1 + 2 + 4);
    EXPECT_EQ(c.at(batch.rewards, 1), 8 + 16 + 32);
    EXPECT_EQ(c.at(batch.rewards, 2), 64);
    for (int h = 0; h < 3; ++h) {
      EXPECT_EQ(c.at(batch.mask, h), 1);
      EXPECT_EQ(c.at(batch.terminated, h), 0);
    }
  }
  EXPECT_TRUE(from_start);
}

TEST(ReplayBuffer, MasksBehindTheEndAndMarksOnlyTermination) {
  for (const End end : {End::kTruncated, End::kTerminated}) {
    ReplayBuffer buffer(small_spec(), 1, 1000);
    buffer.add(0, make(2, 5, end));
    const SequenceBatch batch = draw(buffer, 4, 200);
    for (int64_t b = 0; b < 200; ++b) {
      const Column c{batch, b};
      const int64_t start = static_cast<int64_t>(c.step(0));
      ASSERT_LT(start, 5);  // the last observation is no start
      for (int64_t h = 0; h < 4; ++h) {
        const bool taken = start + h < 5;
        EXPECT_EQ(c.at(batch.mask, h), taken);
        EXPECT_EQ(c.at(batch.actions, h), taken ? action(2, start + h) : 0);
        EXPECT_EQ(c.at(batch.rewards, h), taken ? reward(start + h) : 0);
        EXPECT_EQ(c.at(batch.terminated, h), end == End::kTerminated && start + h == 4);
        EXPECT_EQ(c.step(h + 1), std::min<int64_t>(start + h + 1, 5));
      }
    }
  }
}

TEST(ReplayBuffer, RunningEpisodesGiveTheirCompleteDecisions) {
  ReplayBuffer buffer(small_spec(), 2, 1000);
  buffer.begin(0, 0, observation(0, 0));
  EXPECT_THROW(draw(buffer, 1, 1), std::logic_error);
  append(buffer, 0, 0, 0);
  EXPECT_EQ(buffer.decisions(), 0);
  append(buffer, 0, 0, 1);
  append(buffer, 0, 0, 2);
  EXPECT_EQ(buffer.decisions(), 1);
  const SequenceBatch batch = draw(buffer, 2, 8);
  for (int64_t b = 0; b < 8; ++b) {
    const Column c{batch, b};
    EXPECT_EQ(c.step(0), 0);
    EXPECT_EQ(c.step(1), 2);
    EXPECT_EQ(c.at(batch.mask, 0), 1);
    EXPECT_EQ(c.at(batch.mask, 1), 0);
  }
}

TEST(ReplayBuffer, StartsAreUniformOverDecisions) {
  ReplayBuffer buffer(small_spec(), 1, 1000);
  buffer.add(0, make(0, 9, End::kTruncated));
  buffer.add(0, make(1, 2, End::kTerminated));
  buffer.begin(3, 5, observation(5, 0));
  for (int64_t t = 0; t < 4; ++t) append(buffer, 3, 5, t);
  constexpr int64_t kDraws = 30000;
  const SequenceBatch batch = draw(buffer, 0, kDraws);
  std::map<std::pair<float, float>, int64_t> seen;
  for (int64_t b = 0; b < kDraws; ++b) ++seen[{Column{batch, b}.episode(), Column{batch, b}.step(0)}];
  ASSERT_EQ(seen.size(), 15u);
  // 2000 expected each, standard deviation 43.
  for (const auto& [start, count] : seen)
    EXPECT_NEAR(count, kDraws / 15.0, 220.0) << start.first << " " << start.second;
}

TEST(ReplayBuffer, SequencesStayInsideTheirEpisode) {
  ReplayBuffer buffer(small_spec(), 2, 1000);
  for (uint64_t k = 0; k < 6; ++k) buffer.add(0, make(k, 3 + k, k % 2 ? End::kTerminated : End::kTruncated));
  const SequenceBatch batch = draw(buffer, 5, 300);
  for (int64_t b = 0; b < 300; ++b) {
    for (int64_t h = 1; h <= 5; ++h)
      EXPECT_EQ(batch.observations[(h * 300 + b) * 2], (Column{batch, b}.episode()));
  }
}

TEST(ReplayBuffer, SamplesDoNotDependOnTheOrderOfArrival) {
  ReplayBuffer interleaved(small_spec(), 2, 1000), rebuilt(small_spec(), 2, 1000);
  interleaved.begin(0, 0, observation(0, 0));
  interleaved.begin(1, 1, observation(1, 0));
  for (int64_t t = 0; t < 5; ++t) {
    append(interleaved, 0, 0, t);
    append(interleaved, 1, 1, t, t == 4 ? End::kTerminated : End::kRunning);
  }
  rebuilt.add(0, make(1, 5, End::kTerminated));
  rebuilt.add(0, make(0, 5, End::kRunning));
  append(interleaved, 0, 0, 5);  // a resumed episode goes on in the middle of a decision
  append(rebuilt, 0, 0, 5);
  for (uint64_t update = 0; update < 5; ++update) {
    const SequenceBatch a = draw(interleaved, 2, 32, update), b = draw(rebuilt, 2, 32, update);
    EXPECT_EQ(a.observations, b.observations);
    EXPECT_EQ(a.actions, b.actions);
    EXPECT_EQ(a.rewards, b.rewards);
    EXPECT_EQ(a.terminated, b.terminated);
    EXPECT_EQ(a.mask, b.mask);
  }
  EXPECT_NE(draw(interleaved, 2, 32, 0).observations, draw(interleaved, 2, 32, 1).observations);
}

// Which decision has which number is kept up to date piece by piece. It is as if it were counted anew.
TEST(ReplayBuffer, SamplingInBetweenChangesNothing) {
  constexpr int kStreams = 3;
  constexpr int64_t kCapacity = 40;
  ReplayBuffer asked(small_spec(), 2, kCapacity), silent(small_spec(), 2, kCapacity);
  uint64_t next = 0;
  std::map<int, contract::Episode> running;
  contract::Rng rng(3, 0, contract::Stream::kEvaluation);
  for (uint64_t round = 0; round < 200; ++round) {
    const int stream = static_cast<int>(rng.below(kStreams));
    if (!running.contains(stream)) running[stream] = make(next++, 0, End::kRunning);
    contract::Episode& episode = running[stream];
    const int64_t length = episode.length() + 1 + rng.below(3);
    const int64_t kind = rng.below(4);
    episode = make(episode.index, length, kind == 0 ? End::kTruncated : End::kRunning);
    episode.diverged = kind == 1;
    asked.add(stream, episode);
    silent.add(stream, episode);
    if (kind <= 1) running.erase(stream);
    if (asked.decisions() == 0) continue;
    draw(asked, 2, 4, round);
    if (round % 20 != 19) continue;
    const SequenceBatch a = draw(asked, 2, 32, round), b = draw(silent, 2, 32, round);
    EXPECT_EQ(a.observations, b.observations);
    EXPECT_EQ(a.actions, b.actions);
    EXPECT_EQ(a.rewards, b.rewards);
    EXPECT_EQ(a.mask, b.mask);
  }
  EXPECT_GT(asked.episodes(), 5);
}

TEST(ReplayBuffer, EvictsTheOldestWholeEpisodes) {
  ReplayBuffer buffer(small_spec(), 1, 12);
  buffer.add(0, make(0, 5, End::kTruncated));
  buffer.add(0, make(1, 5, End::kTruncated));
  EXPECT_EQ(buffer.episodes(), 2);
  buffer.add(0, make(2, 5, End::kTruncated));
  EXPECT_EQ(buffer.episodes(), 2);
  EXPECT_EQ(buffer.steps(), 10);
  EXPECT_EQ(buffer.decisions(), 10);
  const SequenceBatch batch = draw(buffer, 1, 100);
  for (int64_t b = 0; b < 100; ++b) EXPECT_GE((Column{batch, b}.episode()), 1);
}

TEST(ReplayBuffer, DiscardedAndDivergedEpisodesLeaveNothing) {
  ReplayBuffer buffer(small_spec(), 1, 100);
  contract::Episode diverged = make(9, 4, End::kTruncated);
  diverged.diverged = true;
  buffer.add(0, diverged);
  buffer.begin(0, 0, observation(0, 0));
  append(buffer, 0, 0, 0);
  buffer.discard(0);
  EXPECT_EQ(buffer.decisions(), 0);
  EXPECT_EQ(buffer.steps(), 0);
  EXPECT_EQ(buffer.episodes(), 0);
  buffer.begin(0, 1, observation(1, 0));  // the stream is free again
}

TEST(ReplayBuffer, AnEpisodeInProgressGivesWhatIsNew) {
  ReplayBuffer pieces(small_spec(), 2, 1000), whole(small_spec(), 2, 1000);
  EXPECT_EQ(pieces.add(0, make(3, 0, End::kRunning)), 0);  // begins
  EXPECT_EQ(pieces.add(0, make(3, 3, End::kRunning)), 3);
  EXPECT_EQ(pieces.add(0, make(3, 3, End::kRunning)), 0);
  EXPECT_THROW(pieces.add(0, make(4, 1, End::kRunning)), std::logic_error);
  EXPECT_EQ(pieces.add(0, make(3, 7, End::kTruncated)), 4);
  EXPECT_EQ(whole.add(5, make(3, 7, End::kTruncated)), 7);
  EXPECT_EQ(pieces.steps(), 7);
  EXPECT_EQ(draw(pieces, 2, 32).observations, draw(whole, 2, 32).observations);
  EXPECT_EQ(draw(pieces, 2, 32).rewards, draw(whole, 2, 32).rewards);
  EXPECT_EQ(pieces.add(0, make(4, 1, End::kRunning)), 1);  // the stream is free again
}

TEST(ReplayBuffer, AnEpisodeThatDivergesTakesItsRowsAway) {
  ReplayBuffer buffer(small_spec(), 1, 1000);
  buffer.add(0, make(1, 3, End::kRunning));
  EXPECT_EQ(buffer.steps(), 3);
  contract::Episode diverged = make(1, 4, End::kRunning);
  diverged.diverged = true;
  EXPECT_EQ(buffer.add(0, diverged), 1);
  EXPECT_EQ(buffer.steps(), 0);
  EXPECT_EQ(buffer.episodes(), 0);
}

// A dataset may hold the first part of an episode, and several episodes of one index.
TEST(ReplayBuffer, AWholeEpisodeClosesWhereItsRecordEnds) {
  ReplayBuffer buffer(small_spec(), 3, 1000);
  buffer.add_whole(0, make(4, 7, End::kRunning));
  buffer.add_whole(1, make(4, 7, End::kTruncated));
  EXPECT_EQ(buffer.decisions(), 6);  // 3, 3 and 1 control steps, twice
  EXPECT_EQ(buffer.steps(), 14);
  const SequenceBatch batch = draw(buffer, 3, 64);
  EXPECT_THAT(batch.terminated, testing::Each(0.0f));
  contract::Episode diverged = make(5, 3, End::kRunning);
  diverged.diverged = true;
  EXPECT_THROW(buffer.add_whole(2, diverged), std::logic_error);
}

// Rows hold the features of qpos and qvel behind the observation.
TEST(ReplayBuffer, RowsAreObservationAndFeatures) {
  contract::EnvSpec spec = small_spec();
  spec.nq = spec.nv = 1;
  spec.physics_dim = 3;
  contract::Episode episode = contract::make_episode(spec, 1, 0);
  episode.observations = {1, 2, 3, 4};
  episode.physics = {0.0, 0.25, 0.5, 0.01, 0.75, 1.5};
  episode.actions = {0.0f};
  episode.rewards = {1.0f};
  episode.truncated = true;
  ReplayBuffer buffer(spec, 1, 10);
  buffer.add(0, episode);
  EXPECT_THAT(draw(buffer, 1, 1).observations, testing::ElementsAre(1, 2, 0.25f, 0.5f, 3, 4, 0.75f, 1.5f));
}

TEST(ReplayBuffer, RowsOutOfOrderAreRefused) {
  ReplayBuffer buffer(small_spec(), 1, 100);
  EXPECT_THROW(append(buffer, 0, 0, 0), std::logic_error);
  buffer.begin(0, 0, observation(0, 0));
  EXPECT_THROW(buffer.begin(0, 1, observation(1, 0)), std::logic_error);
  EXPECT_THROW(buffer.begin(1, 0, observation(0, 0)), std::logic_error);
  append(buffer, 0, 0, 0, End::kTruncated);
  EXPECT_THROW(append(buffer, 0, 0, 1), std::logic_error);
  EXPECT_THROW(ReplayBuffer(small_spec(), 0, 100), base::UserError);
  EXPECT_THROW(ReplayBuffer(small_spec(), 1, 0), base::UserError);
}

}  // namespace
}  // namespace reverie::training
