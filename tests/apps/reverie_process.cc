#include "tests/apps/reverie_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int status_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

void redirect(const fs::path& path, int descriptor) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(127);
}

}  // namespace

void ReverieProcess::start(const fs::path& binary, const std::vector<std::string>& words) {
  std::vector<std::string> all = {binary.string()};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  pointers.reserve(all.size() + 1);
  for (std::string& word : all) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  child_ = fork();
  if (child_ < 0) throw std::runtime_error("cannot fork");
  if (child_ > 0) return;
  ::signal(SIGINT, SIG_DFL);  // who starts tests in the background may have it ignored
  if (chdir(folder().c_str()) != 0) _exit(127);
  redirect(output_.path() / "out", STDOUT_FILENO);
  redirect(output_.path() / "err", STDERR_FILENO);
  setenv("REVERIE_RUNS", "runs", 1);
  execv(binary.c_str(), pointers.data());
  _exit(127);
}

Outcome ReverieProcess::finish() {
  int wait_status = 0;
  if (waitpid(child_, &wait_status, 0) != child_) throw std::runtime_error("no child to wait for");
  child_ = -1;
  return {status_of(wait_status), content(output_.path() / "out"), content(output_.path() / "err")};
}

bool ReverieProcess::is_running() {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

void ReverieProcess::interrupt() { ::kill(child_, SIGINT); }

void ReverieProcess::terminate() { ::kill(child_, SIGTERM); }

void ReverieProcess::kill() { ::kill(child_, SIGKILL); }

void ReverieProcess::signal(int number) { ::kill(child_, number); }

Outcome ReverieProcess::run(const fs::path& binary, const std::vector<std::string>& words) {
  start(binary, words);
  return finish();
}

Outcome ReverieProcess::run(const std::vector<std::string>& words) { return run(REVERIE_BINARY, words); }

void ReverieProcess::write(const std::string& name, const std::string& text) const {
  fs::create_directories((folder() / name).parent_path());
  std::ofstream(folder() / name, std::ios::binary) << text;
}

std::string ReverieProcess::read(const std::string& name) const { return content(folder() / name); }

std::map<std::string, std::string> ReverieProcess::snapshot() const {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder())) {
    const std::string name = entry.path().lexically_relative(folder()).string();
    if (entry.is_symlink()) {
      files[name] = "-> " + fs::read_symlink(entry.path()).string();
    } else {
      files[name] = entry.is_regular_file() ? content(entry.path()) : "";
    }
  }
  return files;
}

}  // namespace reverie::apps
