// Both sources of episodes behind the one interface.
#include "training/data/episode_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "base/temporary_directory.h"
#include "base/thread_pool.h"
#include "contract/rng.h"
#include "sim/task/task.h"
#include "tensor/device.h"
#include "tests/support/counting_policy.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/data/dataset.h"
#include "training/run.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// 2 environments, 2 control steps a decision: a round is 4 control steps.
TrainConfig live_config() {
  TrainConfig config = small_learning();
  config.envs = 2;
  config.env_steps = 30;
  config.random_steps = 8;
  config.updates_per_decision = 1.0;
  config.collect_think = "0";
  return config;
}

// What a source shares with its training.
struct Setting {
  explicit Setting(const TrainConfig& config)
      : task(sim::Task::load(config.task)),
        policies(make_training_policies(
            make_agent(task->spec(), config, static_cast<uint64_t>(config.seed), tensor::kCpu), config)),
        source(make_episode_source(task, config, policies, pool)) {}

  std::shared_ptr<const sim::Task> task;
  base::ThreadPool pool{1};
  TrainingPolicies policies;
  std::unique_ptr<EpisodeSource> source;
};

std::vector<float> rows_of(const ReplayBuffer& replay) {
  SequenceBatch batch;
  contract::Rng rng(1, 2, contract::Stream::kReplay, 3);
  replay.sample(2, 16, rng, batch);
  batch.observations.insert(batch.observations.end(), batch.between.begin(), batch.between.end());
  return batch.observations;
}

class EpisodeSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(run() / "episodes");
    DatasetOptions options;
    options.episodes = 1;
    collect_dataset(options, directory_.path() / "data");
  }
  fs::path run() const { return directory_.path() / "run"; }
  TrainConfig fixed_config() const {
    TrainConfig config = small_learning();
    config.data = (directory_.path() / "data").string();
    config.env_steps = 0;
    config.updates = 5;
    config.log_every = 2;
    return config;
  }

  base::TemporaryDirectory directory_;
};

TEST_F(EpisodeSourceTest, AnEnvironmentCountsControlStepsAndOwesUpdates) {
  Setting setting(live_config());
  EpisodeSource& source = *setting.source;
  source.start();
  EXPECT_EQ(source.total(), 30);
  std::vector<int64_t> steps, updates, renormalised;
  while (source.step() < source.total()) {
    const Round round = source.advance();
    steps.push_back(source.step());
    updates.push_back(round.updates);
    if (round.renormalises) renormalised.push_back(source.step());
    EXPECT_EQ(source.env_steps(), source.step());
    EXPECT_EQ(source.replay().steps(), source.step());
    EXPECT_DOUBLE_EQ(round.progress, static_cast<double>(source.step()) / 30.0);
    EXPECT_TRUE(round.measures);
  }
  EXPECT_THAT(steps, ElementsAre(4, 8, 12, 16, 20, 24, 28, 32));
  EXPECT_THAT(updates, ElementsAre(0, 4, 6, 8, 10, 12, 14, 16));  // none in the random phase
  EXPECT_THAT(renormalised, ElementsAre(8, 16, 32));
  EXPECT_EQ(source.advance().updates, 16);  // the end stays
  EXPECT_EQ(source.step(), 32);
}

// Collected, and rebuilt from the episodes of a run.
TEST_F(EpisodeSourceTest, AReplayOnTheDiskSamplesWhatOneInMemorySamples) {
  TrainConfig config = live_config();
  config.env_steps = config.random_steps =
      4200;  // two episodes of each environment, and the begin of a third
  Setting memory(config), disk(config), again(config);
  disk.source->spill_beyond(0.0, directory_.path());
  again.source->spill_beyond(0.01, directory_.path());
  for (Setting* setting : {&memory, &disk}) {
    setting->source->start();
    while (setting->source->step() < setting->source->total()) setting->source->advance();
  }
  EXPECT_GT(disk.source->replay().spilled_bytes(), 50000);
  EXPECT_EQ(rows_of(disk.source->replay()), rows_of(memory.source->replay()));

  Checkpoint checkpoint;
  memory.source->save(checkpoint);
  for (const contract::Episode& episode : memory.source->take_finished())
    save_shard(run(), checkpoint.shards++, {episode});
  EXPECT_GE(checkpoint.shards, 4);
  again.source->resume(run(), checkpoint);
  EXPECT_GT(again.source->replay().spilled_bytes(), 50000);
  EXPECT_EQ(rows_of(again.source->replay()), rows_of(memory.source->replay()));
}

TEST_F(EpisodeSourceTest, ADatasetCountsUpdatesAndOwesOneARound) {
  Setting setting(fixed_config());
  EpisodeSource& source = *setting.source;
  source.start();
  EXPECT_EQ(source.total(), 5);
  std::vector<int64_t> updates, renormalised, measured;
  while (source.step() < source.total()) {
    const auto before = static_cast<double>(source.step());
    const Round round = source.advance();
    EXPECT_EQ(round.updates, source.step());
    EXPECT_DOUBLE_EQ(round.progress, before / 5.0);
    updates.push_back(round.updates);
    if (round.renormalises) renormalised.push_back(round.updates);
    if (round.measures) measured.push_back(round.updates);
  }
  EXPECT_THAT(updates, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(renormalised, ElementsAre(1));
  EXPECT_THAT(measured, ElementsAre(2, 4, 5));  // log_every, and the end
  EXPECT_EQ(source.env_steps(), 0);
  EXPECT_EQ(source.replay().steps(), 1000);
  EXPECT_TRUE(source.take_finished().empty());
  EXPECT_TRUE(source.take_figures(1.0).empty());
}

// Of an environment, and of a dataset where the parameter is true.
class BothSources : public EpisodeSourceTest, public ::testing::WithParamInterface<bool> {};

// With a model that reads states and with one that does not.
class GoingOn : public EpisodeSourceTest,
                public ::testing::WithParamInterface<std::tuple<bool, const char*>> {};

TEST_P(GoingOn, FromWhatItSaved) {
  const auto [fixed, kind] = GetParam();
  TrainConfig config = fixed ? fixed_config() : live_config();
  config.model.kind = kind;
  Setting whole(config), rest(config);
  whole.source->start();
  for (int i = 0; i < 3; ++i) whole.source->advance();
  Checkpoint checkpoint;
  whole.source->save(checkpoint);
  checkpoint.updates = 3;  // the learner's
  EXPECT_EQ(checkpoint.step(), whole.source->step());
  EXPECT_NE(checkpoint.has_environment(), fixed);
  rest.source->resume(run(), checkpoint);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(rest.source->step(), whole.source->step());
    const Round a = whole.source->advance(), b = rest.source->advance();
    EXPECT_EQ(a.updates, b.updates);
    EXPECT_EQ(a.progress, b.progress);
    EXPECT_EQ(a.renormalises, b.renormalises);
    EXPECT_EQ(a.measures, b.measures);
  }
  const std::vector<float> rows = rows_of(whole.source->replay());
  EXPECT_EQ(rows, rows_of(rest.source->replay()));
  // 16 sequences of 3 rows; a model that reads states also has the row inside each of 2 decisions of 2 control steps.
  const size_t per_sequence = config.model.kind == "mechanics" ? 3 + 2 : 3;
  EXPECT_EQ(rows.size(), 16 * per_sequence * static_cast<size_t>(contract::row_width(whole.task->spec())));
}

INSTANTIATE_TEST_SUITE_P(Sources, GoingOn,
                         ::testing::Combine(::testing::Bool(),
                                            ::testing::Values("joint_embedding", "mechanics")));

TEST_P(BothSources, RefusesACheckpointOfTheOther) {
  Setting mine(GetParam() ? fixed_config() : live_config()),
      other(GetParam() ? live_config() : fixed_config());
  other.source->start();
  Checkpoint checkpoint;
  other.source->save(checkpoint);
  EXPECT_THAT(error_of([&] { mine.source->resume(run(), checkpoint); }), HasSubstr("start a new run"));
}

INSTANTIATE_TEST_SUITE_P(Fixed, BothSources, ::testing::Bool());

TEST_F(EpisodeSourceTest, TheRandomPhaseIsAnotherPolicys) {
  const TrainConfig config = live_config();
  Setting setting(config);
  setting.source.reset();  // it holds on to the policies that are replaced
  auto random = std::make_unique<tests::CountingPolicy>(),
       collecting = std::make_unique<tests::CountingPolicy>();
  const tests::CountingPolicy &first = *random, &second = *collecting;
  setting.policies.random = std::move(random);
  setting.policies.collecting = std::move(collecting);
  const auto source = live_source(setting.task, config, setting.policies, setting.pool);
  source->start();
  for (int i = 0; i < 5; ++i) source->advance();
  EXPECT_EQ(first.keys.size(), 2U);
  EXPECT_EQ(second.keys.size(), 3U);
}

TEST_F(EpisodeSourceTest, FinishedEpisodesAreHandedOutOnce) {
  TrainConfig config = live_config();
  config.env_steps = config.random_steps = 2000;  // one episode of each environment
  Setting setting(config);
  EpisodeSource& source = *setting.source;
  source.start();
  while (source.step() < source.total()) source.advance();
  std::map<std::string, double> figures = source.take_figures(4.0);
  const std::vector<contract::Episode> episodes = source.take_finished();
  ASSERT_EQ(episodes.size(), 2U);
  EXPECT_DOUBLE_EQ(figures.at("train/return"), (episodes[0].return_sum() + episodes[1].return_sum()) / 2.0);
  EXPECT_EQ(figures.at("time/env_steps_per_second"), 500.0);
  EXPECT_EQ(figures.at("train/diverged_episodes"), 0.0);
  EXPECT_TRUE(source.take_finished().empty());
  EXPECT_FALSE(source.take_figures(4.0).contains("train/return"));
}

}  // namespace
}  // namespace reverie::training
