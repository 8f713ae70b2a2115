#include "sim/task/finite_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/thread_pool.h"
#include "sim/env.h"
#include "sim/vector_env.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Pushes the slide for up to 20 control steps; what is thrown.
std::string complaint(const std::string& text) {
  try {
    Env env(load_arm(text));
    env.reset(1, 7);
    for (int t = 0; t < 20; ++t) env.step(std::vector<float>{1.0f, 0.0f, 0.0f});
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

std::string with_reward(const std::string& expr, const std::string& more = "") {
  std::string text = arm_task(more);
  const std::string old = "1 - qpos(\"slide\")**2";
  return text.replace(text.find(old), old.size(), expr);
}

TEST(FiniteValues, ARewardNamesItsPlaceExpressionAndStep) {
  EXPECT_EQ(complaint(arm_task()), "");
  EXPECT_THAT(complaint(with_reward("sqrt(0.01 - qpos(\"slide\"))")),
              AllOf(HasSubstr("arm.toml:7:9: reward: 'sqrt(0.01 - qpos(\"slide\"))' is"), HasSubstr("nan"),
                    HasSubstr("of episode 7 (seed 1)")));
  EXPECT_THAT(complaint(with_reward("1 / 0.0")), HasSubstr("is inf in control step 1"));
  EXPECT_THAT(complaint(with_reward("exp(200 + time())")), HasSubstr("expected numbers up to 1e+15"));
  EXPECT_THAT(complaint("schema = 1\nid = \"test/arm\"\nmodel = \"arm.xml\"\ncontrol_dt = 0.02\n"
                        "[[reward.term]]\nname = \"far\"\nexpr = 'log(-1)'\n"
                        "[[observation]]\nname = \"x\"\nexpr = '1'\n"),
              HasSubstr("arm.toml:7:9: reward term 'far': 'log(-1)' is nan"));
}

TEST(FiniteValues, AnObservationIsCheckedInTheFirstState) {
  EXPECT_THAT(complaint(arm_task_observing("[0, acos(2)]")),
              AllOf(HasSubstr("observation 'x': '[0, acos(2)]' has element 1 that is nan"),
                    HasSubstr("in the first state of episode 7")));
}

TEST(FiniteValues, ASignalIsNamedBeforeWhatReadsIt) {
  EXPECT_THAT(complaint(with_reward("gap", "[signals]\ngap = 'sqrt(-1 - qpos(\"slide\")**2)'\n")),
              HasSubstr("signal 'gap'"));
}

TEST(FiniteValues, WhatAClipMakesFiniteIsFinite) {
  EXPECT_EQ(complaint(arm_task_observing("1 / (0 * time())") + "clip = [-5, 5]\n").find("nan"),
            std::string::npos);
  EXPECT_EQ(complaint(arm_task_observing("1 / 0.0") + "clip = [-5, 5]\n"), "");
}

TEST(FiniteValues, TheOwnStateOfATaskIsChecked) {
  EXPECT_THAT(complaint(arm_task_observing("1 / 0.0") + "clip = [-5, 5]\ndelay_steps = 2\n"),
              HasSubstr("observation 'x'"));
  EXPECT_THAT(complaint(with_reward("if(isfinite(prev(1 / qvel(\"slide\"))), 1, 0)")), HasSubstr("prev()"));
}

TEST(FiniteValues, AResetNamesItsOperation) {
  EXPECT_THAT(complaint(arm_task("[[reset]]\nop = \"set\"\njoints = \"slide\"\nvalue = 'sqrt(-1)'\n")),
              AllOf(HasSubstr("reset 'set': value = 'sqrt(-1)': qpos[0] is"), HasSubstr("nan")));
  EXPECT_THAT(complaint(arm_task("[[reset]]\nop = \"uniform\"\nfield = \"qvel\"\njoints = \"elbow\"\n"
                                 "low = '-1'\nhigh = '1 / 0.0'\n")),
              HasSubstr("reset 'uniform': low = '-1', high = '1 / 0.0': qvel[2] is nan"));
  EXPECT_THAT(complaint(arm_task("[[reset]]\nop = \"draw\"\nname = \"d\"\nlow = 'log(-1)'\nhigh = '1'\n")),
              HasSubstr("reset 'draw': low = 'log(-1)', high = '1': task_state[0]"));
}

TEST(FiniteValues, ConstantsOfATaskFileAreFinite) {
  EXPECT_THAT(load_error(arm_task_observing("1") + "noise = inf\n"), HasSubstr("expected finite numbers"));
  EXPECT_THAT(load_error(arm_task("[[command]]\nname = \"c\"\nlow = '-inf'\nhigh = '1'\n")),
              HasSubstr("command.low: expected finite numbers, found -inf"));
}

TEST(FiniteValues, AnActionThatIsNotFiniteIsNoDivergence) {
  Env env(load_arm(arm_task()));
  env.reset(1, 0);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(env.step(std::vector<float>{0.0f, nan, 0.0f}), std::runtime_error);
}

// A training saves what it had when the task cannot go on: whole decisions of every environment.
TEST(FiniteValues, ARecordingIsAsBeforeTheStepThatThrew) {
  // The slide passes 0.01 in the middle of a decision; the other environment ends its episode then.
  const auto task = load_arm(with_reward("sqrt(0.01 - qpos(\"slide\"))"));
  for (const int threads : {1, 2}) {
    base::ThreadPool pool(threads);
    VectorEnv envs(task, 2, 1, 0, pool);
    envs.set_recording(true);
    envs.reset();
    const std::vector<float> actions{1.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    int64_t decisions = 0;
    try {
      for (; decisions < 20; ++decisions) envs.step(actions, 4);
      FAIL() << "no error";
    } catch (const NonFiniteError&) {
    }
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(envs.running(i).length(), 4 * decisions);
      EXPECT_NO_THROW(contract::check_consistent(envs.running(i)));
      EXPECT_EQ(contract::non_finite_number(envs.running(i)), "");
    }
    EXPECT_THROW(envs.step(actions, 4), std::logic_error);
  }
}

}  // namespace
}  // namespace reverie::sim
