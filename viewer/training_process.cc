#include "viewer/training_process.h"

#include <csignal>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"

namespace reverie::viewer {

namespace {

constexpr int kInterrupted = 130;  // exit status of a training that was paused

std::string last_line(const std::filesystem::path& file) {
  std::string text;
  try {
    text = base::read_file(file);
  } catch (const base::UserError&) {
  }
  while (text.ends_with('\n')) text.pop_back();
  const size_t at = text.rfind('\n');
  return at == std::string::npos ? text : text.substr(at + 1);
}

}  // namespace

TrainingProcess::~TrainingProcess() { pause(); }

void TrainingProcess::start(const std::vector<std::string>& words, const std::filesystem::path& log) {
  if (running()) throw std::logic_error("a training runs already");
  failure_.clear();
  log_ = log;
  std::vector<std::string> all{program_.string(), "train"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &interrupt);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int error = posix_spawn(&child_, program_.c_str(), &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error == 0) return;
  child_ = -1;
  base::throw_user_error("{}: cannot be started: {}", program_.string(), std::strerror(error));
}

void TrainingProcess::pause() {
  if (running()) kill(child_, SIGINT);
}

bool TrainingProcess::running() {
  if (child_ < 0) return false;
  int status = 0;
  if (waitpid(child_, &status, WNOHANG) == 0) return true;
  child_ = -1;
  const bool fine = WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kInterrupted);
  if (!fine) failure_ = last_line(log_);
  if (!fine && failure_.empty()) failure_ = "the training ended without a word";
  return false;
}

}  // namespace reverie::viewer
