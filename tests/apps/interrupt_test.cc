// One signal ends every long command, in whatever it is doing, and nothing half written stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kModel = R"(<mujoco><worldbody><body><joint name="hinge" type="hinge"/>
<geom size="0.1"/></body></worldbody><actuator><motor joint="hinge" ctrllimited="true" ctrlrange="-1 1"/></actuator></mujoco>)";

std::string task_of(int64_t episode_steps) {
  return "schema = 1\nid = \"test/hinge\"\nmodel = \"hinge.xml\"\ncontrol_dt = 0.02\nepisode_steps = " +
         std::to_string(episode_steps) +
         "\n[[observation]]\nname = \"position\"\nexpr = \"qpos()\"\n[reward]\nexpr = \"qpos('hinge')\"\n";
}

// Nobody sees the end of one of its episodes.
constexpr int64_t kEndless = 10000000;

std::vector<std::string> training(const std::string& task, const std::string& out,
                                  const std::string& eval_every) {
  return joined({"train", "--task", task, "--out", out, "env_steps=300", "random_steps=200",
                 "updates_per_decision=0.2", "eval_every=" + eval_every, "eval_episodes=1", "-q"},
                kSmallLearner);
}

class Interrupt : public testing::Test {
 protected:
  void SetUp() override {
    process.write("hinge.xml", kModel);
    process.write("endless.toml", task_of(kEndless));
  }
  // The checkpoint of an evaluation that is being made.
  bool evaluates(const std::string& run) {
    return process.read(run + "/checkpoints/last/state.json").find("owed_row") != std::string::npos;
  }
  void stop_in_evaluation(const std::vector<std::string>& words, const std::string& run) {
    process.start(REVERIE_BINARY, words);
    while (process.is_running() && !evaluates(run)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    process.terminate();
    const Outcome outcome = process.finish();
    EXPECT_EQ(outcome.status, 130) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("--resume " + run));
  }
  // Interrupts the command a moment after its start: it would not end by itself.
  void stop_soon(const std::vector<std::string>& words) {
    const auto before = process.snapshot();
    process.start(REVERIE_BINARY, words);
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    EXPECT_TRUE(process.is_running()) << words[0];
    process.interrupt();
    EXPECT_EQ(process.finish().status, 130) << words[0];
    EXPECT_TRUE(process.snapshot() == before) << words[0] << " left something on disk";
  }
  ReverieProcess process;
};

TEST_F(Interrupt, ATrainingThatNeverEvaluatesComesToItsEnd) {
  const Outcome outcome = process.run(training("endless.toml", "run", "0"));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(process.read("run/metrics.jsonl"), Not(HasSubstr("eval/return")));
  EXPECT_TRUE(fs::exists(process.folder() / "run/checkpoints/000000300"));
}

TEST_F(Interrupt, TheCheckpointComesBeforeTheEvaluation) {
  stop_in_evaluation(training("endless.toml", "run", "250"), "run");
  EXPECT_TRUE(fs::exists(process.folder() / "run/checkpoints/last/model.safetensors"));
  for (const auto& [name, content] : process.snapshot()) EXPECT_FALSE(name.ends_with(".tmp")) << name;
}

TEST_F(Interrupt, AnEvaluationThatWasStoppedIsMadeAgain) {
  process.write("long.toml", task_of(20000));
  ASSERT_EQ(process.run(training("long.toml", "whole", "250")).status, 0);
  stop_in_evaluation(training("long.toml", "broken", "250"), "broken");
  EXPECT_THAT(process.read("broken/metrics.jsonl"), Not(HasSubstr("eval/return")));
  ASSERT_EQ(process.run({"train", "--resume", "broken", "-q"}).status, 0);
  const auto files = process.snapshot();
  int compared = 0;
  for (const auto& [name, content] : files) {
    if (!name.starts_with("whole/checkpoints/") && !name.starts_with("whole/episodes/")) continue;
    const std::string other = "broken" + name.substr(5);
    ASSERT_TRUE(files.contains(other)) << other;
    EXPECT_TRUE(files.at(other) == content) << other;
    ++compared;
  }
  EXPECT_GT(compared, 8);
}

// A round of 64 environments owes thousands of updates: it is broken off, and the checkpoint before it stands.
TEST_F(Interrupt, SlurmsSignalEndsATrainingInTheMiddleOfARound) {
  process.start(REVERIE_BINARY,
                joined({"train", "--task", "endless.toml", "--out", "run", "env_steps=100000000", "envs=64",
                        "random_steps=256", "updates_per_decision=100", "eval_every=0",
                        "checkpoint_every=128", "action_repeat=1", "-q"},
                       kSmallLearner));
  const std::string link = "run/checkpoints/last";
  while (process.is_running() && !fs::is_symlink(process.folder() / link))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  process.signal(SIGUSR1);
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  EXPECT_EQ(process.run({"verify", "run"}).status, 0);
}

TEST_F(Interrupt, EvaluateReplayCollectAndViewStop) {
  ASSERT_EQ(process.run(training("endless.toml", "run", "0")).status, 0);
  stop_soon({"evaluate", "run"});
  stop_soon({"evaluate", "--self-test", "run"});
  stop_soon({"bench", "learn", "--task", "endless.toml", "--repeats", "1000"});
  stop_soon({"replay", "--task", "endless.toml", "--resets", "100000000", "--output", "out.csv"});
  if (process.run({"view", "--help"}).status == 0)  // built with the viewer
    stop_soon({"view", "run", "--headless", "--video", "v.mp4", "--seconds", "3600"});
}

}  // namespace
}  // namespace reverie::apps
