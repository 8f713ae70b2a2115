// The command line: one function a subcommand adds it to the parser; what it does is called after parsing.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace reverie::apps {

inline constexpr int kDone = 0;
inline constexpr int kCheckFailed = 1;    // a check did not hold
inline constexpr int kUserError = 2;      // the user's input
inline constexpr int kInternalError = 3;  // our bug or the environment
inline constexpr int kInterrupted = 130;

// What every subcommand shares. Flags are filled by parsing; `action` is set by the chosen subcommand.
struct Shell {
  bool quiet = false;
  int verbose = 0;
  bool json = false;                        // one JSON object on stdout instead of text
  const std::atomic<bool>* stop = nullptr;  // set by Ctrl-C: finish the step, save, return
  std::function<int()> action;              // returns the exit status
};

void add_demo(CLI::App& app, Shell& shell);
void add_tasks(CLI::App& app, Shell& shell);
void add_config(CLI::App& app, Shell& shell);
void add_train(CLI::App& app, Shell& shell);
void add_evaluate(CLI::App& app, Shell& shell);
void add_compare(CLI::App& app, Shell& shell);
void add_view(CLI::App& app, Shell& shell);  // only when built with the viewer
void add_collect(CLI::App& app, Shell& shell);
void add_replay(CLI::App& app, Shell& shell);
void add_inspect(CLI::App& app, Shell& shell);
void add_bench(CLI::App& app, Shell& shell);
void add_doctor(CLI::App& app, Shell& shell);

}  // namespace reverie::apps
