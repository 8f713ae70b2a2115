#include "sim/model_guard.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "sim/model.h"
#include "sim/scene_files.h"

namespace reverie::sim {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kExerciseSteps = 5;
// The child's first byte.
constexpr char kDone = 'd', kRefused = 'r', kFailed = 'f';

void write_all(int file, const std::string& text) {
  for (size_t sent = 0; sent < text.size();) {
    const ssize_t count = write(file, text.data() + sent, text.size() - sent);
    if (count <= 0) return;
    sent += static_cast<size_t>(count);
  }
}

// No handlers of ours, no output, no core file; Ctrl-C is the parent's business, which kills the child.
void isolate(pid_t parent, const TrialLimits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTERM, SIGXCPU})
    std::signal(signal, SIG_DFL);
  std::signal(SIGINT, SIG_IGN);
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  const rlim_t seconds = static_cast<rlim_t>(limits.seconds);
  const rlimit processor{seconds, seconds + 1};
  setrlimit(RLIMIT_CPU, &processor);
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit memory{};
  getrlimit(RLIMIT_AS, &memory);
  memory.rlim_cur =
      std::min<rlim_t>(memory.rlim_max, static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + limits.bytes));
  setrlimit(RLIMIT_AS, &memory);
}

[[noreturn]] void run_child(const std::function<void()>& attempt, int out) {
  std::string answer(1, kDone);
  try {
    attempt();
  } catch (const std::bad_alloc&) {
    answer = std::string(1, kFailed) + "it needs more memory than a model may use";
  } catch (const base::UserError& error) {
    answer = std::string(1, kRefused) + error.what();
  } catch (const std::exception& error) {
    answer = std::string(1, kFailed) + error.what();
  }
  write_all(out, answer);
  _exit(0);  // destructors and exit handlers belong to the parent
}

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    close(ends[0]);
    close_writer();
  }
  void close_writer() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
};

// Reads until the child has ended or time is up. The end of the pipe alone tells nothing: a child that
// another thread forked meanwhile holds it open too.
bool wait_for(pid_t child, int in, int seconds, std::string& answer, int& status) {
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  bool open = true, ended = false;
  for (;;) {
    pollfd ready{open ? in : -1, POLLIN, 0};
    poll(&ready, 1, ended ? 0 : open ? 20 : 1);
    char buffer[4096];
    ssize_t count = 0;
    if (ready.revents != 0) {
      count = read(in, buffer, sizeof buffer);
      if (count > 0) answer.append(buffer, static_cast<size_t>(count));
      if (count == 0) open = false;
    }
    if (ended && count <= 0) return true;
    if (!ended) ended = waitpid(child, &status, WNOHANG) == child;
    if (!ended && Clock::now() > end) return false;
  }
}

std::string crash_text(const Trial& trial) {
  if (trial.signal == 0) return "the engine ended the process while reading it";
  return fmt::format("the engine crashed on it (signal {}, {})", trial.signal, strsignal(trial.signal));
}

}  // namespace

Trial try_in_child(const std::function<void()>& attempt, const TrialLimits& limits) {
  install_mujoco_handlers();
  Pipe pipe;
  const pid_t parent = getpid(), child = fork();
  if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (child == 0) {
    isolate(parent, limits);
    run_child(attempt, pipe.ends[1]);
  }
  pipe.close_writer();
  std::string answer;
  int status = 0;
  if (!wait_for(child, pipe.ends[0], limits.patience, answer, status)) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return {Trial::End::kTimedOut, 0, ""};
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return {Trial::End::kTimedOut, 0, ""};
  if (WIFSIGNALED(status)) return {Trial::End::kCrashed, WTERMSIG(status), ""};
  if (answer.starts_with(kDone)) return {};
  if (answer.starts_with(kRefused)) return {Trial::End::kRefused, 0, answer.substr(1)};
  if (answer.starts_with(kFailed)) return {Trial::End::kFailed, 0, answer.substr(1)};
  return {Trial::End::kCrashed, 0, ""};
}

void check_in_child(const fs::path& mjcf, const std::function<void()>& attempt, const TrialLimits& limits) {
  if (is_scene_file(mjcf)) return;
  const Trial trial = try_in_child(attempt, limits);
  switch (trial.end) {
    case Trial::End::kDone:
      return;
    case Trial::End::kCrashed:
      base::throw_user_error("{}: {}", mjcf.string(), crash_text(trial));
    case Trial::End::kTimedOut:
      base::throw_user_error("{}: the engine did not finish loading it within {} s", mjcf.string(),
                             limits.seconds);
    case Trial::End::kRefused:
      throw base::UserError(trial.text);
    case Trial::End::kFailed:
      base::throw_user_error("{}: {}", mjcf.string(), trial.text);
  }
}

void exercise(const mjModel* model) {
  const DataPtr data = make_data(model);
  mj_forward(model, data.get());
  for (int i = 0; i < kExerciseSteps; ++i) mj_step(model, data.get());
}

}  // namespace reverie::sim
