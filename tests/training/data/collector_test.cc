#include "training/data/collector.h"

#include <gtest/gtest.h>

#include <memory>

#include "training/run.h"
#include "training/training_policies.h"

namespace reverie::training {
namespace {

TrainConfig small_config(const char* think, double planned_share) {
  TrainConfig config;
  config.task = "dmc/cartpole-swingup";
  config.envs = 2;
  config.collect_think = think;
  config.planned_share = planned_share;
  config.model.latent_dim = 16;
  config.model.encoder_dim = config.model.hidden_dim = 32;
  return config;
}

// Episodes in progress after `decisions`, going on from `from` when there are any.
std::vector<contract::Episode> collect(const TrainConfig& config, int decisions,
                                       const std::vector<contract::Episode>& from) {
  const std::shared_ptr<const sim::Task> task = sim::Task::load(config.task);
  const auto agent = make_agent(task->spec(), config, static_cast<uint64_t>(config.seed), tensor::kCpu);
  base::ThreadPool pool(1);
  ReplayBuffer replay(task->spec(), static_cast<int>(config.action_repeat), 1000);
  const TrainingPolicies policies = make_training_policies(agent, config);
  Collector collector(task, config, pool, replay, *policies.collecting);
  if (from.empty()) {
    collector.start();
  } else {
    collector.resume(from);
  }
  for (int i = 0; i < decisions; ++i) collector.step();
  return collector.running();
}

class PlannedCollection : public ::testing::TestWithParam<const char*> {};

// Nothing of a plan is carried over, so that a run that was stopped goes on with the same bits.
TEST_P(PlannedCollection, GoesOnAsIfItHadNotStopped) {
  const TrainConfig config = small_config(GetParam(), TrainConfig{}.planned_share);
  const std::vector<contract::Episode> whole = collect(config, 6, {}),
                                       pieces = collect(config, 3, collect(config, 3, {}));
  ASSERT_EQ(whole.size(), 2U);
  for (size_t i = 0; i < whole.size(); ++i) {
    ASSERT_EQ(whole[i].length(), 12);
    EXPECT_EQ(whole[i].actions, pieces[i].actions);
    EXPECT_EQ(whole[i].observations, pieces[i].observations);
  }
}

INSTANTIATE_TEST_SUITE_P(Think, PlannedCollection, ::testing::Values("0", "1"));

// Actions of the first decision of two environments, [2][A].
std::vector<std::vector<float>> first_actions(const char* think, double planned_share) {
  std::vector<std::vector<float>> actions;
  for (const contract::Episode& episode : collect(small_config(think, planned_share), 1, {}))
    actions.push_back(episode.actions);
  return actions;
}

TEST(Collector, PlansTheShareOfEpisodesThatIsAskedFor) {
  const auto none = first_actions("0", 1.0), half = first_actions("1", 0.5), all = first_actions("1", 1.0);
  for (size_t i = 0; i < 2; ++i) EXPECT_NE(none[i], all[i]);
  EXPECT_EQ(half[0], none[0]);
  EXPECT_EQ(half[1], all[1]);
  EXPECT_EQ(first_actions("1", 0.0), none);
}

// A plan that is paid for what the model does not know is another plan; the actor's episodes stay the same.
TEST(Collector, CuriosityChangesPlansAlone) {
  TrainConfig config = small_config("1", 0.5);
  config.collect_curiosity = 0.0;
  const std::vector<contract::Episode> without = collect(config, 1, {});
  config.collect_curiosity = 1000.0;
  const std::vector<contract::Episode> with = collect(config, 1, {});
  EXPECT_EQ(without[0].actions, with[0].actions);
  EXPECT_NE(without[1].actions, with[1].actions);
}

}  // namespace
}  // namespace reverie::training
