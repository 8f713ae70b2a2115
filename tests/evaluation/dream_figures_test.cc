#include "evaluation/dream_figures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/temporary_directory.h"
#include "policies/actor_policy.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/metrics.h"
#include "training/run.h"
#include "training/trainer.h"

namespace reverie::evaluation {
namespace {

using training::DreamFigures;
using training::DreamQuestion;

// Two evaluations, the second one last.
training::TrainConfig config_with_dream(int64_t episodes) {
  training::TrainConfig config = training::small_learning();
  config.env_steps = 800;
  config.random_steps = 400;
  config.envs = 8;
  config.updates_per_decision = 1.0;
  config.eval_every = 500;
  config.eval_episodes = 1;
  config.eval_dream = episodes;
  return config;
}

class DreamFiguresTest : public ::testing::Test {
 protected:
  void SetUp() override { tensor::set_learner_threads(1); }

  std::filesystem::path train(const char* name, const training::TrainConfig& config, bool brings_measure) {
    training::TrainHooks hooks;
    if (brings_measure) {
      hooks.measure_dream = [this](const DreamQuestion& question) {
        answers_.push_back(measure_dream(question, small_));
        return answers_.back();
      };
    }
    const std::filesystem::path run = directory_.path() / name;
    training::train(config, run, hooks);
    return run;
  }

  DreamProtocol small_{.horizon = 60, .starts = 8, .window = 100, .closed_starts = 3};
  std::vector<DreamFigures> answers_;
  base::TemporaryDirectory directory_;
};

TEST_F(DreamFiguresTest, AreInTheMetricsOfEveryEvaluationAndChangeNoWeight) {
  const auto with = train("with", config_with_dream(2), true);
  const auto without = train("without", config_with_dream(2), false);
  const auto off = train("off", config_with_dream(0), true);
  ASSERT_EQ(answers_.size(), 2u);  // none of the run that is switched off
  EXPECT_EQ(training::weights_hash(with), training::weights_hash(without));
  EXPECT_EQ(training::weights_hash(with), training::weights_hash(off));
  size_t evaluation = 0;
  for (const training::MetricRow& row : training::read_metrics(with)) {
    EXPECT_EQ(row.values.contains("dream/valid_steps"), row.values.contains("eval/return"));
    if (!row.values.contains("eval/return")) continue;
    for (const auto& [name, value] : metric_values(answers_.at(evaluation++)))
      EXPECT_EQ(row.values.at(name), value) << name;
  }
  for (const auto& run : {without, off})
    for (const training::MetricRow& row : training::read_metrics(run))
      for (const auto& [name, value] : row.values) EXPECT_FALSE(name.starts_with("dream/")) << name;
}

TEST_F(DreamFiguresTest, AreAFunctionOfTheAgentAndTheSeed) {
  const training::Run run = training::open_run(train("run", config_with_dream(2), true));
  const auto policy = policies::actor_policy(run.agent);
  base::ThreadPool one(1), three(3);
  const auto ask = [&](uint64_t seed, base::ThreadPool& pool) {
    return metric_values(measure_dream(
        {.task = run.task, .agent = *run.agent, .policy = *policy, .episodes = 2, .seed = seed, .pool = pool},
        small_));
  };
  const auto figures = ask(training::dream_seed(1), one);
  EXPECT_EQ(figures, ask(training::dream_seed(1), three));
  EXPECT_EQ(figures,
            metric_values(answers_.back()));  // the last checkpoint stands before the last evaluation
  EXPECT_NE(figures, ask(training::dream_seed(2), one));
  for (const auto& [name, value] : figures) EXPECT_TRUE(std::isfinite(value)) << name;
  EXPECT_GT(figures.at("dream/error_50"), figures.at("dream/error_2"));
  EXPECT_LE(figures.at("dream/ks_max"), 1.0);
  EXPECT_GE(figures.at("dream/ks_max"), figures.at("dream/ks_mean"));
}

TEST_F(DreamFiguresTest, AreNoNumbersWhereNothingCanBeMeasured) {
  const training::Run run = training::open_run(train("run", config_with_dream(0), false));
  const auto policy = policies::actor_policy(run.agent);
  base::ThreadPool pool(1);
  // No start has so much ahead of it that a decision fits.
  const DreamFigures figures = measure_dream(
      {.task = run.task, .agent = *run.agent, .policy = *policy, .episodes = 1, .seed = 1, .pool = pool},
      {.horizon = 60, .starts = 0});
  for (const auto& [name, value] : metric_values(figures)) EXPECT_TRUE(std::isnan(value)) << name;
}

TEST_F(DreamFiguresTest, AnErrorBeyondTheHorizonIsNotMeasured) {
  small_.horizon = 20;
  train("run", config_with_dream(1), true);
  EXPECT_TRUE(std::isfinite(answers_.back().error_10));
  EXPECT_TRUE(std::isnan(answers_.back().error_50));
  EXPECT_TRUE(std::isfinite(answers_.back().ks_mean));
}

TEST_F(DreamFiguresTest, StoppedInTheMiddleTheEvaluationIsMadeAgain) {
  const auto whole = train("whole", config_with_dream(2), true);
  base::Stop stop;
  training::TrainHooks hooks;
  hooks.stop = &stop;
  int asked = 0;
  hooks.measure_dream = [&](const DreamQuestion& question) {
    if (++asked == 1) stop.request();  // a signal while it is measured
    return measure_dream(question, small_);
  };
  const std::filesystem::path broken = directory_.path() / "broken";
  EXPECT_TRUE(training::train(config_with_dream(2), broken, hooks).interrupted);
  hooks.stop = nullptr;
  EXPECT_FALSE(training::resume_training(broken, hooks).interrupted);
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(training::weights_hash(whole), training::weights_hash(broken));
  const auto last = [](const std::filesystem::path& run) {
    auto values = training::read_metrics(run).back().values;
    std::erase_if(values, [](const auto& entry) { return entry.first.starts_with("time/"); });
    return values;
  };
  EXPECT_EQ(last(whole), last(broken));
  EXPECT_EQ(training::resolve_checkpoint(whole, "most_faithful"),
            training::resolve_checkpoint(broken, "most_faithful"));
}

}  // namespace
}  // namespace reverie::evaluation
