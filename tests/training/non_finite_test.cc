// Trainings whose task gives numbers that are not finite, or whose physics diverges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "tests/training/support.h"
#include "training/data/dataset.h"
#include "training/run_directory.h"
#include "training/trainer.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class NonFinite : public testing::Test {
 protected:
  // A cart that is pushed by up to 1 N, with this reward.
  std::string cart(const std::string& reward) const {
    const fs::path path = directory_.path() / "cart.toml";
    std::ofstream(path) << "schema = 1\nid = \"test/cart\"\nmodel = \"" REVERIE_TEST_DATA
                           "/cart.xml\"\ncontrol_dt = 0.01\nepisode_steps = 50\n"
                           "[[observation]]\nname = \"x\"\nexpr = 'qpos(\"slide\")'\n[reward]\nexpr = '"
                        << reward << "'\n";
    return path.string();
  }
  static TrainConfig short_training(const std::string& task) {
    TrainConfig config = small_learning();
    config.task = task;
    config.env_steps = 600;
    config.random_steps = 100;
    config.updates_per_decision = 0.05;
    config.eval_every = 0;
    config.eval_episodes = 1;
    return config;
  }
  base::TemporaryDirectory directory_;
  fs::path run_ = directory_.path() / "run";
};

TEST_F(NonFinite, ATrainingStopsAndSavesWhatItHas) {
  const TrainConfig config = short_training(cart("sqrt(1.005 - time())"));
  const std::string error = error_of([&] { train(config, run_); });
  EXPECT_EQ(error, "") << "episodes of 50 steps last half a second";
  TrainConfig late = short_training(cart("sqrt(0.405 - time())"));
  late.random_steps = 10;
  const std::string stopped = error_of([&] { train(late, directory_.path() / "late"); });
  EXPECT_THAT(stopped, AllOf(HasSubstr("cart.toml:10:9: reward: 'sqrt(0.405 - time())' is"),
                             HasSubstr("in control step 41 of episode 0"),
                             HasSubstr("training stopped at step 40"), HasSubstr("000000040 holds")));
  EXPECT_EQ(list_checkpoints(directory_.path() / "late").back(), "000000040");
  const auto running =
      contract::load_episodes(directory_.path() / "late" / "checkpoints" / "last" / "running.safetensors");
  EXPECT_EQ(running.at(0).length(), 40);
}

TEST_F(NonFinite, ATrainingWhoseFirstStateIsBadHoldsNothing) {
  const std::string error = error_of([&] {
    std::string task = base::read_file(cart("0"));
    const std::string expr = "qpos(\"slide\")";
    task.replace(task.find(expr), expr.size(), "log(qpos(\"slide\"))");
    std::ofstream(directory_.path() / "cart.toml") << task;
    train(short_training((directory_.path() / "cart.toml").string()), run_);
  });
  EXPECT_THAT(error, AllOf(HasSubstr("observation 'x': 'log(qpos(\"slide\"))' is -inf"),
                           HasSubstr("nothing was learned"), HasSubstr("holds no checkpoint")));
}

TEST_F(NonFinite, NothingIsLearnedWhereEveryEpisodeDiverges) {
  TrainConfig config = short_training(REVERIE_TEST_DATA "/violent-cart.toml");
  std::vector<std::string> warnings;
  TrainHooks hooks;
  hooks.on_warning = [&](const std::string& text) { warnings.push_back(text); };
  for (const int64_t random_steps : {0, 1, 100}) {
    config.random_steps = random_steps;
    const fs::path run = directory_.path() / std::to_string(random_steps);
    warnings.clear();
    const std::string error = error_of([&] { train(config, run, hooks); });
    EXPECT_THAT(error, AllOf(HasSubstr("nothing to learn from: physics diverged in"), HasSubstr("(100%)"),
                             HasSubstr("Time = ")));
    EXPECT_EQ(warnings.size(), 1u) << "said once";
  }
}

TEST_F(NonFinite, ADatasetSaysThatItsEpisodesDivergedAndLearnsFromNone) {
  const DatasetOptions options{.task = REVERIE_TEST_DATA "/violent-cart.toml", .episodes = 4};
  const fs::path data = directory_.path() / "data";
  const DatasetResult result = collect_dataset(options, data);
  EXPECT_EQ(result.divergence.diverged, 4);
  EXPECT_TRUE(result.divergence.is_frequent());
  EXPECT_THAT(result.divergence.first, HasSubstr("Time = "));
  for (const contract::Episode& episode : contract::load_episode_directory(data))
    EXPECT_EQ(contract::non_finite_number(episode), "");
  TrainConfig config = short_training(options.task);
  config.data = data.string();
  config.env_steps = 0;
  config.updates = 10;
  EXPECT_THAT(error_of([&] { train(config, run_); }), HasSubstr("physics diverged in 4 of 4 episodes"));
}

TEST_F(NonFinite, ADatasetOfABadTaskIsNotMade) {
  const fs::path data = directory_.path() / "data";
  EXPECT_THAT(error_of([&] { collect_dataset({.task = cart("log(-1)"), .episodes = 2}, data); }),
              AllOf(HasSubstr("reward: 'log(-1)' is"), HasSubstr("nothing is written to")));
  EXPECT_FALSE(fs::exists(data));
}

// A shard is full after so many steps, not episodes: a file an episode of one step would be too many.
TEST_F(NonFinite, ShortEpisodesShareAShard) {
  std::string task = base::read_file(cart("1"));
  task.replace(task.find("episode_steps = 50"), 18, "episode_steps = 1");
  std::ofstream(directory_.path() / "cart.toml") << task;
  const fs::path data = directory_.path() / "data";
  const DatasetResult result =
      collect_dataset({.task = (directory_.path() / "cart.toml").string(), .episodes = 500}, data);
  EXPECT_EQ(result.control_steps, 500);
  EXPECT_EQ(contract::episode_shards(data).size(), 1u);
  EXPECT_EQ(contract::load_episode_directory(data).size(), 500u);
}

}  // namespace
}  // namespace reverie::training
