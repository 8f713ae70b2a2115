// Runs the real binary as a child process and looks at what a user would see.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/temporary_directory.h"

namespace reverie::apps {

struct Outcome {
  int status = -1;  // exit status; 128 + signal when killed
  std::string out, err;
};

// Settings of a learner that is small enough to train in a moment.
inline const std::vector<std::string> kSmallLearner = {
    "model.latent_dim=16", "model.encoder_dim=16", "model.hidden_dim=16",        "model.probe_dim=16",
    "device=cpu",          "learner.batch_size=8", "learner.imagination_batch=8"};

// `words` with `more` behind them.
inline std::vector<std::string> joined(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// One scratch working directory; runs are written to its "runs".
class ReverieProcess {
 public:
  const std::filesystem::path& folder() const { return scratch_.path(); }

  // Start, wait, collect.
  Outcome run(const std::vector<std::string>& words);
  Outcome run(const std::filesystem::path& binary, const std::vector<std::string>& words);

  // Start without waiting; `finish` waits. One at a time.
  void start(const std::filesystem::path& binary, const std::vector<std::string>& words);
  void interrupt();  // SIGINT, as Ctrl-C
  void terminate();  // SIGTERM, as a cluster
  void kill();       // SIGKILL
  void signal(int number);
  bool is_running();
  Outcome finish();

  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  // Every file below the working directory with its content (links with their target).
  std::map<std::string, std::string> snapshot() const;

 private:
  base::TemporaryDirectory scratch_, output_;
  int child_ = -1;
};

}  // namespace reverie::apps
