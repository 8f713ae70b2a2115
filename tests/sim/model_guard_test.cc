// A child process takes the engine's crashes, hangs and hunger; this process reads one line about them.
#include "sim/model_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <new>
#include <stdexcept>
#include <thread>

#include "base/error.h"
#include "sim/inspect/inspect.h"
#include "sim/model.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;
using End = Trial::End;

std::string error_of(const std::function<void()>& attempt, const TrialLimits& limits = {}) {
  try {
    check_in_child("robot.xml", attempt, limits);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(ModelGuard, TellsHowTheChildEnded) {
  EXPECT_EQ(try_in_child([] {}).end, End::kDone);
  const Trial refused = try_in_child([] { throw base::UserError("no wheels"); });
  EXPECT_EQ(refused.end, End::kRefused);
  EXPECT_EQ(refused.text, "no wheels");
  const Trial failed = try_in_child([] { throw std::runtime_error("arena"); });
  EXPECT_EQ(failed.end, End::kFailed);
  EXPECT_EQ(failed.text, "arena");
  const Trial crashed = try_in_child([] { std::raise(SIGSEGV); });
  EXPECT_EQ(crashed.end, End::kCrashed);
  EXPECT_EQ(crashed.signal, SIGSEGV);
  EXPECT_EQ(try_in_child([] { std::abort(); }).signal, SIGABRT);
  EXPECT_EQ(try_in_child([] { _exit(0); }).end, End::kCrashed);
}

TEST(ModelGuard, EndsAChildThatSpinsOrWaits) {
  const TrialLimits brief{.seconds = 1, .patience = 60};
  const std::atomic<bool> on{true};
  const auto spin = [&] {
    while (on) {
    }
  };
  EXPECT_EQ(error_of(spin, brief), "robot.xml: the engine did not finish loading it within 1 s");
  const auto wait = [] { std::this_thread::sleep_for(std::chrono::hours(1)); };
  EXPECT_EQ(try_in_child(wait, {.seconds = 10, .patience = 1}).end, End::kTimedOut);
}

TEST(ModelGuard, OneLineForTheUser) {
  EXPECT_EQ(error_of([] {}), "");
  EXPECT_EQ(error_of([] { throw base::UserError("task.toml:1:2: what"); }), "task.toml:1:2: what");
  EXPECT_EQ(error_of([] { throw PhysicsError("MuJoCo: full"); }), "robot.xml: MuJoCo: full");
  EXPECT_EQ(error_of([] { throw std::bad_alloc(); }), "robot.xml: it needs more memory than a model may use");
  EXPECT_THAT(error_of([] { std::raise(SIGFPE); }),
              HasSubstr("robot.xml: the engine crashed on it (signal 8"));
}

TEST(ModelGuard, ShippedModelsStayInThisProcess) {
  bool ran = false;
  check_in_child(REVERIE_SOURCE_DIR "/scenes/dmc/../dmc/cartpole.xml", [&] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_THROW(check_in_child(REVERIE_SOURCE_DIR "/scenes.xml", [] { throw base::UserError("tried"); }),
               base::UserError);
}

// 64 GiB for the engine's arena would be granted by a system that overcommits.
TEST(ModelGuard, AHungryModelIsRefused) {
  const ScratchFolder folder;
  const std::string path =
      folder.write("hungry.xml",
                   "<mujoco><size memory=\"64G\"/><worldbody><body><freejoint/><geom size=\"1\"/></body>"
                   "</worldbody></mujoco>");
  try {
    inspect_model(path);
    FAIL() << "64 GiB of arena were granted";
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("hungry.xml: "));
  }
}

}  // namespace
}  // namespace reverie::sim
