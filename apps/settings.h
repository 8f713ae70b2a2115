// Words of the command line: paths and key=value settings, in any order.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "training/config.h"

namespace reverie::apps {

// Settings that several commands share.
struct Common {
  int64_t seed = 0;
  std::string device;       // "": the run's
  std::string think = "0";  // how much the policy plans
};
std::vector<base::Field> fields(Common& common);

struct Words {
  std::vector<std::string> paths;     // words without '='
  std::vector<std::string> settings;  // key=value
};

// Sort `words`; throws UserError when there are more paths than `max_paths`, naming the first extra one.
// `what` says what a path is, e.g. "a run directory".
Words sort_words(const std::vector<std::string>& words, size_t max_paths, const std::string& what);

// `config`, that of a run, with `settings` on top; ranges checked. Throws UserError naming the word.
training::TrainConfig change_settings(const training::TrainConfig& config,
                                      const std::vector<std::string>& settings);

// Defaults, the TOML file `file` ("": none), then `task` ("": not set) and `settings`: later ones win, `size`
// resolved as resolve_config does. Throws UserError naming what is wrong.
training::TrainConfig make_config(const std::string& file, const std::string& task,
                                  const std::vector<std::string>& settings);

// Whether both have the same value under every key; paths may be written in different ways.
bool same_settings(training::TrainConfig a, training::TrainConfig b);

// Where runs are written: $REVERIE_RUNS, else "runs" in the working directory.
std::filesystem::path runs_folder();

// `path` relative to the working directory when it lies below it: what a person can type.
std::string shown(const std::filesystem::path& path);

// A word as a shell reads it, in quotes where it needs them.
std::string shell_word(const std::string& word);

// Send a copy of the log to RUN/run.log, from now on to this run's only.
void log_to(const std::filesystem::path& run);

}  // namespace reverie::apps
