// reverie train: the whole loop, from a configuration or from a run that was interrupted.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "apps/settings.h"
#include "apps/train_job.h"
#include "base/error.h"
#include "base/files.h"
#include "training/run_directory.h"

namespace reverie::apps {
namespace {

struct Options {
  std::string task, config, out, resume;
  std::vector<std::string> words;
};

TrainResult start(const Options& options, std::filesystem::path& run, const Shell& shell) {
  const Words words = sort_words(options.words, 0, "key=value settings");
  if (!options.resume.empty()) {
    run = options.resume;
    TrainConfig config = read_run_config(run);
    const int64_t before = config.env_steps;
    for (const std::string& word : words.settings) {
      if (!word.starts_with("env_steps=")) throw_user_error("'{}': --resume can only change env_steps", word);
    }
    apply_settings(config, words.settings);
    return resume_with_progress(run, config.env_steps == before ? 0 : config.env_steps, shell);
  }
  TrainConfig config;
  if (!options.config.empty()) load_toml(fields(config), read_file(options.config), options.config);
  if (!options.task.empty()) config.task = options.task;
  apply_settings(config, words.settings);
  run = options.out.empty() ? fresh_run_path(runs_folder(), config.task) : std::filesystem::path(options.out);
  return train_with_progress(config, run, shell);
}

int train_command(const Options& options, const Shell& shell) {
  std::filesystem::path run;
  const TrainResult result = start(options, run, shell);
  if (shell.json) {
    const nlohmann::ordered_json object{{"run", shown(run)},
                                        {"env_steps", result.env_steps},
                                        {"updates", result.updates},
                                        {"seconds", result.seconds},
                                        {"interrupted", result.interrupted}};
    fmt::print("{}\n", object.dump());
  } else if (!result.interrupted) {
    fmt::print("{}: {} steps, {} updates; see how it dreams: reverie evaluate {}\n", shown(run),
               result.env_steps, result.updates, shown(run));
  }
  return result.interrupted ? kInterrupted : kDone;
}

}  // namespace

void add_train(CLI::App& app, Shell& shell) {
  CLI::App* sub = app.add_subcommand("train", "collect, learn a world, learn a policy inside it");
  auto options = std::make_shared<Options>();
  sub->add_option("--task", options->task, "task id or path of a task file");
  sub->add_option("--config", options->config,
                  "TOML file with settings; --task and key=value words win over it");
  sub->add_option("--out", options->out, "run directory (default: runs/<task>-<time>); never overwritten");
  sub->add_option("--resume", options->resume, "go on with this run")
      ->excludes("--task", "--config", "--out");
  sub->add_option("words", options->words, "[key=value ...]")->type_name("");
  sub->footer(
      "Examples:\n"
      "  reverie train --task dmc/reacher-easy seed=3 env_steps=30000\n"
      "  reverie train --resume runs/dmc-reacher-easy-20260101-120000\n"
      "  reverie train --resume RUN env_steps=100000      train further than planned");
  sub->callback(
      [&shell, options] { shell.action = [&shell, options] { return train_command(*options, shell); }; });
}

}  // namespace reverie::apps
