// A virtual X server of its own for one test.
#pragma once

#include <csignal>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reverie::tests {

// Xvfb on the first free display; `display` is empty when it is not installed or does not start.
struct VirtualDisplay {
  explicit VirtualDisplay(const char* screen = "1280x800x24") {
    int ends[2];
    if (pipe(ends) != 0) return;
    child = fork();
    if (child == 0) {
      dup2(ends[1], 3);
      const int quiet = ::open("/dev/null", O_RDWR);
      dup2(quiet, STDERR_FILENO);
      execlp("Xvfb", "Xvfb", "-displayfd", "3", "-screen", "0", screen, "-nolisten", "tcp", nullptr);
      _exit(127);
    }
    close(ends[1]);
    char c = 0;
    while (read(ends[0], &c, 1) == 1 && c != '\n') display += c;
    close(ends[0]);
    if (!display.empty()) display = ":" + display;
  }
  ~VirtualDisplay() {
    if (child > 0) {
      kill(child, SIGTERM);
      waitpid(child, nullptr, 0);
    }
  }
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;

  // Programs and windows started from here on use it. False when there is none.
  bool use() const {
    if (display.empty()) return false;
    unsetenv("WAYLAND_DISPLAY");
    setenv("DISPLAY", display.c_str(), 1);
    return true;
  }

  pid_t child = -1;
  std::string display;
};

}  // namespace reverie::tests
