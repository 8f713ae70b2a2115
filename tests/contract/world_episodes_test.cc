#include "contract/world_episodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "sim/simulated_world.h"
#include "sim/task/task.h"
#include "sim/vector_env.h"
#include "tests/support/drift_world.h"

namespace reverie::contract {
namespace {

constexpr int64_t kHorizon = 40;

// Carts that are pushed until they terminate beyond 0.2 m: later starts end sooner.
class WorldEpisodesTest : public testing::Test {
 protected:
  WorldEpisodesTest() {
    sim::VectorEnv envs(task, 1, 5, 0, pool);
    envs.set_recording(true);
    envs.reset();
    while (recorded.empty()) {
      envs.step(std::vector<float>{1.0F});
      recorded = envs.take_finished();
    }
  }

  std::vector<StartPoint> starts() const {
    std::vector<StartPoint> points;
    for (int64_t step = 0; step < recorded[0].length(); step += 3) points.push_back({recorded.data(), step});
    return points;
  }

  WorldEpisodes make(int count, int64_t horizon = kHorizon) {
    return {sim::make_simulated_world(task, pool),
            sim::make_simulated_world(task, pool),
            starts(),
            count,
            horizon,
            true};
  }

  std::shared_ptr<const sim::Task> task = sim::Task::load(REVERIE_TEST_DATA "/cart.toml");
  base::ThreadPool pool{1};
  std::vector<Episode> recorded;
};

// One environment that begins with the episode which row i of three has just begun.
TEST_F(WorldEpisodesTest, ARowIsNotDisturbedWhenOthersBeginAgain) {
  WorldEpisodes three = make(3);
  three.reset(7, 0);
  std::vector<WorldEpisodes> alone;
  for (uint64_t i = 0; i < 3; ++i) {
    alone.push_back(make(1));
    alone.back().reset(7, i);
  }
  int ended = 0, terminated = 0, ended_alone = 0;
  for (int64_t t = 0; t < 120; ++t) {
    const bool any = three.step(std::vector<float>{1.0F, 0.5F, 0.25F});
    int now = 0;
    for (size_t i = 0; i < 3; ++i) {
      alone[i].step(std::vector<float>{i == 0 ? 1.0F : i == 1 ? 0.5F : 0.25F});
      EXPECT_THAT(three.final_observations().subspan(i * 2, 2),
                  testing::ElementsAreArray(alone[i].final_observations()));
      EXPECT_EQ(three.rewards()[i], alone[i].rewards()[0]);
      EXPECT_EQ(three.terminated()[i], alone[i].terminated()[0]);
      EXPECT_EQ(three.truncated()[i], alone[i].truncated()[0]);
      terminated += three.terminated()[i];
      if (three.terminated()[i] == 0 && three.truncated()[i] == 0) continue;
      ++now;
      alone[i].reset(7, three.episode_indices()[i]);
      EXPECT_THAT(three.observations().subspan(i * 2, 2), testing::ElementsAreArray(alone[i].observations()));
    }
    EXPECT_EQ(any, now > 0);
    ended += now;
    ended_alone += now == 1;
  }
  EXPECT_GT(terminated, 0);
  EXPECT_GT(ended, terminated);  // some were truncated
  EXPECT_GT(ended_alone, 0);
}

TEST_F(WorldEpisodesTest, AnEpisodeIsTruncatedAfterTheHorizonAndTheNextOneBegins) {
  WorldEpisodes rows = make(2, 4);
  rows.reset(1, 10);
  for (int t = 1; t < 4; ++t) EXPECT_FALSE(rows.step(std::vector<float>{0.0F, 0.0F}));
  EXPECT_TRUE(rows.step(std::vector<float>{0.0F, 0.0F}));
  EXPECT_THAT(rows.truncated(), testing::Each(1));
  EXPECT_THAT(rows.episode_indices(), testing::ElementsAre(12, 13));
  EXPECT_THAT(rows.decisions(), testing::Each(0));
}

TEST_F(WorldEpisodesTest, TheSeedNamesWhereEpisodesBegin) {
  WorldEpisodes a = make(16), b = make(16), other = make(16);
  a.reset(1, 0);
  b.reset(1, 0);
  other.reset(2, 0);
  EXPECT_TRUE(std::ranges::equal(a.observations(), b.observations()));
  EXPECT_FALSE(std::ranges::equal(a.observations(), other.observations()));
}

TEST(WorldEpisodes, TerminatesAsOftenAsTheWorldSays) {
  const Episode episode = tests::drift_episode(5, [](int64_t) { return 0.25F; });
  const auto world = [] {
    auto made = std::make_unique<tests::DriftWorld>();
    made->survival = 0.75F;
    return made;
  };
  WorldEpisodes rows(world(), world(), {{&episode, 0}}, 1000, 100, true);
  rows.reset(3, 0);
  rows.step(std::vector<float>(1000, 0.0F));
  EXPECT_NEAR(std::ranges::count(rows.terminated(), 1), 250, 50);
  WorldEpisodes never(world(), world(), {{&episode, 0}}, 1000, 100, false);
  never.reset(3, 0);
  EXPECT_FALSE(never.step(std::vector<float>(1000, 0.0F)));
}

TEST(WorldEpisodes, SaysWhatIsMissing) {
  const Episode episode = tests::drift_episode(5, [](int64_t) { return 0.25F; });
  const auto make = [&](std::vector<StartPoint> starts, int count, int64_t horizon) {
    WorldEpisodes(std::make_unique<tests::DriftWorld>(), std::make_unique<tests::DriftWorld>(),
                  std::move(starts), count, horizon, false);
  };
  EXPECT_THROW(make({}, 1, 1), base::UserError);
  EXPECT_THROW(make({{&episode, 0}}, 0, 1), base::UserError);
  EXPECT_THROW(make({{&episode, 0}}, 1, 0), base::UserError);
}

}  // namespace
}  // namespace reverie::contract
