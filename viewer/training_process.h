// TrainingProcess: a training of its own beside the viewer, begun, paused and resumed from the window.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace reverie::viewer {

// The child is `reverie train ...`, in a process group of its own so that a Ctrl-C reaches it once.
class TrainingProcess {
 public:
  // `program` is the binary; the running one as a rule.
  explicit TrainingProcess(std::filesystem::path program) : program_(std::move(program)) {}
  ~TrainingProcess();  // pauses it: it writes a checkpoint and ends by itself
  TrainingProcess(const TrainingProcess&) = delete;
  TrainingProcess& operator=(const TrainingProcess&) = delete;

  // `train <words>`, its output in the file `log`. Throws UserError when the program cannot be started, and
  // std::logic_error while one runs.
  void start(const std::vector<std::string>& words, const std::filesystem::path& log);
  void pause();    // SIGINT: it writes a checkpoint and ends
  bool running();  // whether it has not ended yet
  // Why it ended: "" when nothing was wrong or it was paused, else the last line of its output.
  const std::string& failure() const { return failure_; }
  void forget_failure() { failure_.clear(); }

 private:
  std::filesystem::path program_, log_;
  pid_t child_ = -1;
  std::string failure_;
};

}  // namespace reverie::viewer
