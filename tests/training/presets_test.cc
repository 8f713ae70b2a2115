#include "training/presets.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"
#include "policies/agent.h"
#include "sim/task/task.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

using testing::AllOf, testing::HasSubstr;

SettingsLayer words(const std::vector<std::string>& all) {
  return [all](TrainConfig& config) {
    for (const std::string& word : all) apply_setting(config, word);
  };
}

int64_t parameters(const std::string& task, const std::string& size) {
  TrainConfig config;
  apply_preset(config, size);
  return policies::Agent(sim::Task::load(task)->spec(), config.model, config.learner, 2, 1, tensor::kCpu)
      .parameter_count();
}

TEST(Presets, TinyIsTheDefaults) {
  TrainConfig config;
  apply_preset(config, "tiny");
  config.size = TrainConfig{}.size;
  TrainConfig defaults;
  EXPECT_EQ(base::dump_toml(fields(config), false), base::dump_toml(fields(defaults), false));
}

TEST(Presets, TheTaskChooses) {
  const auto size = [](const std::string& task) { return fitting_size(sim::Task::load(task)->spec()); };
  for (const char* task : {"dmc/cartpole-swingup", "dmc/pendulum-swingup"}) {
    EXPECT_EQ(size(task), "nano") << task;
  }
  for (const char* task : {"dmc/reacher-easy", "dmc/ball_in_cup-catch", "dmc/finger-turn_hard",
                           "dmc/walker-walk", "dmc/cheetah-run"}) {
    EXPECT_EQ(size(task), "tiny") << task;
  }
  for (const char* task : {"dmc/quadruped-walk", "dmc/humanoid-stand"}) EXPECT_EQ(size(task), "s") << task;
  contract::EnvSpec large;
  large.observation_dim = 120;
  large.action_dim = 21;
  EXPECT_EQ(fitting_size(large), "m");
}

// A quarter of a second is discounted as one of decisions of 0.04 s, to the third decimal.
TEST(Presets, TheDiscountGoesByTheSecond) {
  const double least = policies::LearnerConfig{}.discount;
  for (const double seconds : {0.04, 0.05, 1.0}) EXPECT_EQ(fitting_discount(seconds), least) << seconds;
  for (const double seconds : {0.008, 0.01, 0.02, 0.03}) {
    const double decisions = 0.25 / seconds;
    EXPECT_NEAR(fitting_discount(seconds), std::pow(std::pow(least, 0.25 / 0.04), 1.0 / decisions), 5.001e-4);
  }
  EXPECT_EQ(fitting_discount(0.02), 0.985);
  EXPECT_EQ(fitting_discount(0.001), 0.995);  // and not 1
}

TEST(Presets, TheTasksTimestepChoosesTheDiscount) {
  const auto discount = [](const std::vector<std::string>& all) {
    return resolve_config({words(all)}).learner.discount;
  };
  EXPECT_EQ(discount({"task=dmc/cartpole-swingup"}), 0.985);
  EXPECT_EQ(discount({"task=dmc/cartpole-swingup", "size=m"}), 0.985);
  EXPECT_EQ(discount({"task=dmc/cartpole-swingup", "action_repeat=4"}), 0.97);
  EXPECT_EQ(discount({"task=dmc/walker-walk"}), 0.97);
  EXPECT_EQ(discount({"task=dmc/walker-run"}), 0.985);  // its task file says so
  EXPECT_EQ(discount({"task=dmc/walker-run", "learner.discount=0.97"}), 0.97);
  EXPECT_EQ(discount({"task=dmc/cartpole-swingup", "learner.discount=0.97"}), 0.97);
}

// dmc/finger-spin says that it imagines one decision.
TEST(Presets, TheTaskFileSaysWhatSuitsItAndTheUserWins) {
  const auto horizon = [](const std::vector<std::string>& all) {
    return resolve_config({words(all)}).learner.imagination_horizon;
  };
  EXPECT_EQ(horizon({"task=dmc/finger-spin"}), 1);
  EXPECT_EQ(horizon({"task=dmc/finger-turn_easy"}), policies::LearnerConfig{}.imagination_horizon);
  EXPECT_EQ(horizon({"task=dmc/finger-spin", "size=nano"}), 1);
  EXPECT_EQ(horizon({"learner.imagination_horizon=3", "task=dmc/finger-spin"}), 3);
}

// A cart of its own in a folder of its own, whose file says one thing of its training.
class TrainingOfACart : public testing::Test {
 protected:
  void SetUp() override { fs::copy_file(data_ / "cart.xml", folder_.path() / "cart.xml"); }
  // The word that names the task.
  std::string task_with(const std::string& setting) {
    const fs::path file = folder_.path() / "cart.toml";
    std::ofstream(file) << cart_ << "[training]\n" << setting << "\n";
    return "task=" + file.string();
  }
  const base::TemporaryDirectory folder_;
  const fs::path data_ = REVERIE_TEST_DATA;
  const std::string cart_ = base::read_file(data_ / "cart.toml");
};

TEST_F(TrainingOfACart, WhatATaskFileMayNotSayIsNamedWithItsPlace) {
  const auto line = std::ranges::count(cart_, '\n') + 2;
  const auto error_of = [&](const std::string& setting) {
    try {
      resolve_config({words({task_with(setting)})});
    } catch (const base::UserError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(error_of("learner.discount = 0.9"), "");
  EXPECT_THAT(error_of("seed = 3"),
              HasSubstr(fmt::format("cart.toml:{}:8: training: found 'seed=3', expected learner.*", line)));
  EXPECT_THAT(
      error_of("learner.discont = 0.9"),
      AllOf(HasSubstr(fmt::format("cart.toml:{}:19: training", line)), HasSubstr("'learner.discount'")));
  EXPECT_THAT(error_of("learner.discount = [0.9]"), HasSubstr("training.learner.discount: found an array"));
  EXPECT_THAT(
      error_of("model.simnorm_dim = 7"),
      HasSubstr(fmt::format("cart.toml:{}:21: training: model.latent_dim: expected a multiple", line)));
  EXPECT_THAT(error_of("learner.uncertainty_weight = -inf"),
              HasSubstr("expected a finite number, found -inf"));
}

TEST(Presets, SizesAreWhatTheirNamesPromise) {
  EXPECT_NEAR(parameters("dmc/cartpole-swingup", "nano"), 0.1e6, 0.01e6);
  EXPECT_NEAR(parameters("dmc/cartpole-swingup", "tiny"), 0.25e6, 0.01e6);
  EXPECT_NEAR(parameters("dmc/walker-walk", "s"), 0.9e6, 0.05e6);
  EXPECT_NEAR(parameters("dmc/walker-walk", "m"), 5.1e6, 0.2e6);
  EXPECT_NEAR(parameters("dmc/walker-walk", "l"), 20e6, 1e6);
}

TEST(Presets, WhatTheUserSetsWins) {
  const TrainConfig quadruped = resolve_config({words({"task=dmc/quadruped-walk"})});
  EXPECT_EQ(quadruped.size, "s");
  EXPECT_EQ(quadruped.model.latent_dim, 128);
  EXPECT_EQ(quadruped.learner.batch_size, 256);
  // In any order within a layer.
  for (const auto& layer : {words({"model.latent_dim=64", "size=m", "learner.batch_size=32"}),
                            words({"learner.batch_size=32", "model.latent_dim=64", "size=m"})}) {
    const TrainConfig config = resolve_config({layer});
    EXPECT_EQ(config.size, "m");
    EXPECT_EQ(config.model.latent_dim, 64);
    EXPECT_EQ(config.learner.batch_size, 32);
    EXPECT_EQ(config.model.hidden_dim, 640);
    EXPECT_EQ(size_of(config.model), "custom");
  }
}

TEST(Presets, FixedDataStartsFromPessimism) {
  const auto data = words({"task=dmc/walker-walk", "data=somewhere", "env_steps=0", "updates=10"});
  const TrainConfig config = resolve_config({data});
  EXPECT_LT(config.learner.uncertainty_weight, 0.0);
  EXPECT_GT(config.learner.behaviour_weight, 0.0);
  const TrainConfig set = resolve_config({data, words({"learner.behaviour_weight=0"})});
  EXPECT_EQ(set.learner.behaviour_weight, 0.0);
  EXPECT_EQ(set.learner.uncertainty_weight, config.learner.uncertainty_weight);
  EXPECT_EQ(resolve_config({words({"task=dmc/walker-walk"})}).learner.uncertainty_weight, 0.0);
}

TEST_F(TrainingOfACart, ATaskFileWinsOverWhatFixedDataAskFor) {
  const TrainConfig config = resolve_config({words(
      {task_with("learner.uncertainty_weight = -0.3"), "data=somewhere", "env_steps=0", "updates=10"})});
  EXPECT_EQ(config.learner.uncertainty_weight, -0.3);
  EXPECT_EQ(config.learner.behaviour_weight, 0.4);  // of which the file says nothing
}

// Plans of other runs are stopped after ten decisions' worth.
TEST(Presets, PlansOfAPolicyFromFixedDataAreNotStopped) {
  TrainConfig config;
  EXPECT_EQ(default_planner(config).patience, policies::PlannerConfig{}.patience);
  config.data = "somewhere";
  EXPECT_GT(default_planner(config).patience, 1e6);
}

TEST(Presets, ALaterLayerWinsOverAnEarlierOne) {
  const auto file = words({"task=dmc/walker-walk", "size=m", "model.hidden_dim=96", "seed=4"});
  const TrainConfig kept = resolve_config({file, words({"seed=5"})});
  EXPECT_EQ(kept.size, "m");
  EXPECT_EQ(kept.model.hidden_dim, 96);
  EXPECT_EQ(kept.seed, 5);
  EXPECT_EQ(resolve_config({file, words({"size=l"})}).model.hidden_dim, 1280);
  const TrainConfig fitted = resolve_config({file, words({"size=auto"})});
  EXPECT_EQ(fitted.size, "tiny");
  EXPECT_EQ(size_of(fitted.model), "tiny");
  // The file's own choice holds for another task, sizes left to the task follow it.
  EXPECT_EQ(resolve_config({file, words({"task=dmc/cartpole-swingup"})}).size, "m");
  EXPECT_EQ(resolve_config({words({"seed=4"}), words({"task=dmc/quadruped-walk"})}).size, "s");
}

TEST(Presets, ParametersOfTheTaskArriveOnce) {
  const TrainConfig config =
      resolve_config({words({"task=dmc/walker-walk", "params.speed=2"}), words({"seed=2"})});
  EXPECT_EQ(config.params, "speed=2");
}

// Of a run whose task file may be gone.
TEST(Presets, AChangeDecidesNothingAnew) {
  TrainConfig run = resolve_config({words({"task=dmc/finger-spin", "learner.discount=0.9"})});
  run.learner.imagination_horizon = 3;
  run.task = "gone.toml";
  const TrainConfig longer = change_config(run, words({"env_steps=7"}));
  EXPECT_EQ(longer.env_steps, 7);
  EXPECT_EQ(longer.learner.discount, 0.9);
  EXPECT_EQ(longer.learner.imagination_horizon, 3);
  EXPECT_EQ(longer.size, "tiny");
  const TrainConfig larger = change_config(run, words({"learner.batch_size=7", "size=m"}));
  EXPECT_EQ(larger.size, "m");
  EXPECT_EQ(larger.model.hidden_dim, 640);
  EXPECT_EQ(larger.learner.batch_size, 7);
  EXPECT_EQ(change_config(run, words({"task=dmc/cartpole-swingup", "size=auto"})).size, "nano");
  EXPECT_THROW(change_config(run, words({"size=auto"})), base::UserError);
}

TEST(Presets, WrongNamesAreTheUsersInput) {
  EXPECT_THROW(resolve_config({words({"size=xl"})}), base::UserError);
  EXPECT_THROW(resolve_config({words({"task=dmc/walker-wolk"})}), base::UserError);
  TrainConfig config;
  EXPECT_THROW(apply_preset(config, "auto"), base::UserError);
}

}  // namespace
}  // namespace reverie::training
