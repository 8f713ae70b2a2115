// Tries a user's model in a child process before this process loads it.
// The engine reads MJCF with code that can crash, hang or eat all memory. Models that come with the program
// are trusted, and nothing is tried.
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace reverie::sim {

struct TrialLimits {
  int seconds = 10;                  // of processor time: a busy machine refuses nothing
  int patience = 60;                 // of the wall clock, for a child that waits for ever
  int64_t bytes = int64_t{2} << 30;  // address space on top of what this process has already
};

struct Trial {
  enum class End {
    kDone,
    kRefused,  // a UserError left the attempt
    kFailed,   // any other exception did
    kCrashed,
    kTimedOut
  };
  End end = End::kDone;
  int signal = 0;    // of kCrashed; 0: the child ended without a word
  std::string text;  // what() of the exception
};

// Run `attempt` in a forked child, silent and alone on one thread, and tell how it ended. The child has this
// process's files and memory as they were; nothing that it does there is seen here. Throws
// std::runtime_error when the system gives no process.
Trial try_in_child(const std::function<void()>& attempt, const TrialLimits& limits = {});

// try_in_child for a model of a user; throws a UserError of one line, "<path>: ...", unless it went well.
// Returns at once when `mjcf` lies in a scene directory.
void check_in_child(const std::filesystem::path& mjcf, const std::function<void()>& attempt,
                    const TrialLimits& limits = {});

// A fresh state and a few steps without control: what shows a model that loads and then breaks the engine.
void exercise(const mjModel* model);

}  // namespace reverie::sim
