// The subcommands of the program: one function each adds it to the parser.
// Parsing chooses Shell::action, which is called afterwards.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/stop.h"

namespace reverie::apps {

class CommandLine;

inline constexpr int kDone = 0;
inline constexpr int kCheckFailed = 1;    // a check did not hold
inline constexpr int kUserError = 2;      // the user's input, or a disk, display or device that refuses
inline constexpr int kInternalError = 3;  // our bug; a full disk; no memory; losses that exploded twice
inline constexpr int kInterrupted = 130;

// What every subcommand shares. Flags are filled by parsing; `action` is set by the chosen subcommand.
struct Shell {
  bool quiet = false;
  int verbose = 0;
  bool json = false;                 // one JSON object on stdout instead of text
  bool trust = false;                // models may name files outside their folders
  const base::Stop* stop = nullptr;  // asked by Ctrl-C: finish the step, save, return
  std::function<int()> action;       // returns the exit status
};

void add_demo(CommandLine& line, Shell& shell);
void add_tasks(CommandLine& line, Shell& shell);
void add_config(CommandLine& line, Shell& shell);
void add_train(CommandLine& line, Shell& shell);
void add_evaluate(CommandLine& line, Shell& shell);
void add_compare(CommandLine& line, Shell& shell);
void add_view(CommandLine& line, Shell& shell);  // only when built with the viewer
void add_collect(CommandLine& line, Shell& shell);
void add_replay(CommandLine& line, Shell& shell);
void add_inspect(CommandLine& line, Shell& shell);
void add_bench(CommandLine& line, Shell& shell);
void add_export(CommandLine& line, Shell& shell);
void add_verify(CommandLine& line, Shell& shell);
void add_status(CommandLine& line, Shell& shell);
void add_doctor(CommandLine& line, Shell& shell);

}  // namespace reverie::apps
