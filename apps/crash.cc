#include "apps/crash.h"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

namespace reverie::apps {
namespace {

// Only what a signal handler may do: write(2), and the signal again without a handler.
extern "C" void on_crash(int signal) {
  const char* name = signal == SIGSEGV  ? "segmentation fault"
                     : signal == SIGBUS ? "bus error"
                     : signal == SIGFPE ? "arithmetic error"
                     : signal == SIGILL ? "illegal instruction"
                                        : "abort";
  const char* const parts[] = {
      "internal error: the program crashed (", name,
      "). Whole episodes and checkpoints on the disk are not touched; a training goes on "
      "from its last checkpoint with 'reverie train --resume RUN'\n"};
  for (const char* part : parts) [[maybe_unused]]
    const ssize_t ignored = write(STDERR_FILENO, part, std::strlen(part));
  raise(signal);  // SA_RESETHAND: the system's own end, with the status that tells it
}

}  // namespace

void tell_crashes() {
  // A stack of its own, for a crash that came of a full one. Threads other than this one use theirs.
  static std::array<char, 1 << 16> room;
  stack_t stack{};
  stack.ss_sp = room.data();
  stack.ss_size = room.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigaction(signal, &action, nullptr);
}

}  // namespace reverie::apps
