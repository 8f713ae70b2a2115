#include "training/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/error.h"
#include "policies/planner_config.h"

namespace reverie::training {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view word) {
  TrainConfig config;
  try {
    base::apply_override(fields(config), word);
    check_config(config);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(TrainConfig, DefaultsAreValid) { EXPECT_NO_THROW(check_config(TrainConfig{})); }

// Each config that has keys, with those keys.
std::vector<std::vector<base::Field>> all_keys(TrainConfig& config, policies::PlannerConfig& planner) {
  return {fields(config), fields(planner)};
}

TEST(TrainConfig, EveryKeyHasAMeaningAndADefaultThatIsAllowed) {
  TrainConfig config;
  policies::PlannerConfig planner;
  for (const std::vector<base::Field>& keys : all_keys(config, planner)) {
    EXPECT_NO_THROW(base::check_fields(keys));
    for (const base::Field& key : keys) EXPECT_FALSE(key.help.empty()) << key.name;
  }
  EXPECT_NO_THROW(policies::check_config(planner));
}

TEST(TrainConfig, EveryBoundIsNamedWithKeyFoundAndExpected) {
  TrainConfig config;
  policies::PlannerConfig planner;
  int bounds = 0;
  for (const std::vector<base::Field>& keys : all_keys(config, planner)) {
    for (const base::Field& key : keys) {
      const bool number = !std::holds_alternative<bool*>(key.value);
      for (const double outside : {key.allowed.low - 1.0, key.allowed.high + 1.0}) {
        if (!number || !std::isfinite(outside)) continue;
        const std::string text = fmt::format("{}", outside);
        try {
          base::set_field(key, text);
          ADD_FAILURE() << key.name << "=" << text << " was taken";
        } catch (const base::UserError& error) {
          EXPECT_THAT(error.what(), testing::StartsWith(key.name + ": expected ")) << text;
          EXPECT_THAT(error.what(), testing::EndsWith("found " + text));
        }
        ++bounds;
      }
    }
  }
  EXPECT_GT(bounds, 50);
}

TEST(TrainConfig, EveryKeyIsListedOnce) {
  TrainConfig config;
  std::set<std::string> names;
  std::set<const void*> members;
  for (const base::Field& field : fields(config)) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    const void* member =
        std::visit([](const auto* value) { return static_cast<const void*>(value); }, field.value);
    EXPECT_TRUE(members.insert(member).second) << field.name;
  }
  // Every 8-byte member of the nested structs is listed: a new one must be added to its fields().
  size_t model = 0, learner = 0;
  for (const std::string& name : names) {
    model += name.starts_with("model.") ? 1 : 0;
    learner += name.starts_with("learner.") ? 1 : 0;
  }
  EXPECT_EQ((model - 1) * 8 + sizeof(std::string), sizeof(worldmodel::ModelConfig));  // its kind is a word
  EXPECT_EQ(learner * 8, sizeof(policies::LearnerConfig));
  policies::PlannerConfig planner;
  EXPECT_EQ(fields(planner).size() * 8, sizeof(policies::PlannerConfig));
}

TEST(TrainConfig, TomlRoundTripKeepsEveryValue) {
  TrainConfig written;
  written.task = "dmc/reacher-easy";
  written.seed = 7;
  written.updates_per_decision = 0.1;
  written.model.latent_dim = 128;
  written.learner.entropy_weight = 1.0 / 3.0;
  TrainConfig read;
  base::load_toml(fields(read), base::dump_toml(fields(written), true), "config.toml");
  EXPECT_EQ(base::dump_toml(fields(read), false), base::dump_toml(fields(written), false));
  EXPECT_EQ(read.learner.entropy_weight, 1.0 / 3.0);
}

TEST(TrainConfig, OutOfRangeNamesKeyFoundAndExpected) {
  EXPECT_EQ(error_of("envs=0"), "envs: expected a value from 1 to 100000, found 0");
  EXPECT_EQ(error_of("env_steps=0"), "env_steps: expected at least 1, found 0");
  EXPECT_THAT(error_of("updates=5"), HasSubstr("only with data=DIR"));
  EXPECT_EQ(error_of("seed=-1"), "seed: expected at least 0, found -1");
  EXPECT_EQ(error_of("model.latent_dim=60"),
            "model.latent_dim: expected a multiple of model.simnorm_dim (8), found 60");
  EXPECT_EQ(error_of("learner.discount=nan"), "learner.discount: expected a value from 0 to 1, found nan");
  EXPECT_EQ(error_of("model.bin_low=7"), "model.bin_low: expected less than model.bin_high (6), found 7");
  EXPECT_EQ(error_of("learner.critics=1"), "learner.critics: expected a value from 2 to 1000, found 1");
}

TEST(TrainConfig, WrongWordsNameTheNearestKey) {
  EXPECT_THAT(error_of("sed=3"), HasSubstr("'seed'"));
  EXPECT_THAT(error_of("learner.discont=0.9"), HasSubstr("'learner.discount'"));
  EXPECT_THAT(error_of("device=gpu"), HasSubstr("auto, cpu, cuda"));
}

TEST(TrainConfig, TaskParametersTravelWithTheRun) {
  TrainConfig config;
  apply_setting(config, "params.speed=8");
  apply_setting(config, "seed=3");
  apply_setting(config, "params.margin=0.5");
  TrainConfig read;
  base::load_toml(fields(read), base::dump_toml(fields(config), true), "config.toml");
  EXPECT_EQ(read.seed, 3);
  EXPECT_EQ(task_overrides(read), (std::vector<std::string>{"params.speed=8", "params.margin=0.5"}));
}

}  // namespace
}  // namespace reverie::training
