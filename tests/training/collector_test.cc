#include "training/collector.h"

#include <gtest/gtest.h>

#include <memory>

namespace reverie {
namespace {

class PlannedCollection : public ::testing::TestWithParam<const char*> {
 protected:
  PlannedCollection() {
    config_.task = "dmc/cartpole-swingup";
    config_.collect_think = GetParam();
    config_.envs = 2;
    config_.model.latent_dim = 16;
    config_.model.encoder_dim = config_.model.hidden_dim = 32;
    agent_ = std::make_shared<Agent>(task_->spec(), config_.model, config_.learner,
                                     static_cast<int>(config_.action_repeat),
                                     static_cast<uint64_t>(config_.seed), "cpu");
  }

  // Episodes in progress after `decisions`, going on from `from` when there are any.
  std::vector<Episode> collect(int decisions, const std::vector<Episode>& from) {
    ReplayBuffer replay(replay_spec(task_->spec()), static_cast<int>(config_.action_repeat), 1000);
    Collector collector(task_, config_, pool_, replay);
    if (from.empty()) {
      collector.start();
    } else {
      collector.resume({}, from);
    }
    for (int i = 0; i < decisions; ++i) collector.step(*agent_, false);
    return collector.running();
  }

  std::shared_ptr<const Task> task_ = Task::load("dmc/cartpole-swingup");
  TrainConfig config_;
  ThreadPool pool_{1};
  std::shared_ptr<Agent> agent_;
};

// Nothing of a plan is carried over, so that a run that was stopped goes on with the same bits.
TEST_P(PlannedCollection, GoesOnAsIfItHadNotStopped) {
  const std::vector<Episode> whole = collect(6, {}), pieces = collect(3, collect(3, {}));
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
  const auto task = Task::load("dmc/cartpole-swingup");
  TrainConfig config;
  config.envs = 2;
  config.collect_think = think;
  config.planned_share = planned_share;
  config.model.latent_dim = 16;
  config.model.encoder_dim = config.model.hidden_dim = 32;
  const auto agent = std::make_shared<Agent>(task->spec(), config.model, config.learner, 2, 1, "cpu");
  ThreadPool pool(1);
  ReplayBuffer replay(replay_spec(task->spec()), 2, 1000);
  Collector collector(task, config, pool, replay);
  collector.start();
  collector.step(*agent, false);
  std::vector<std::vector<float>> actions;
  for (const Episode& episode : collector.running()) actions.push_back(episode.actions);
  return actions;
}

TEST(Collector, PlansTheShareOfEpisodesThatIsAskedFor) {
  const auto none = first_actions("0", 1.0), half = first_actions("1", 0.5), all = first_actions("1", 1.0);
  for (size_t i = 0; i < 2; ++i) EXPECT_NE(none[i], all[i]);
  EXPECT_EQ(half[0], none[0]);
  EXPECT_EQ(half[1], all[1]);
  EXPECT_EQ(first_actions("1", 0.0), none);
}

}  // namespace
}  // namespace reverie
