// reverie train: the whole loop, from a configuration or from a run that was interrupted.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "apps/train_job.h"
#include "apps/train_seeds.h"
#include "base/error.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

struct Options {
  std::string task, config, out, resume;
  std::vector<std::string> words;
};

training::TrainResult resume(const Options& options, const std::vector<std::string>& settings,
                             const Shell& shell) {
  const training::TrainConfig before = training::read_run_config(options.resume);
  const char* const key = training::total_key(before);
  for (const std::string& word : settings) {
    if (!word.starts_with(fmt::format("{}=", key)))
      base::throw_user_error("'{}': --resume of this run can only change {}", word, key);
  }
  training::TrainConfig after = change_settings(before, settings);
  return resume_with_progress(options.resume, settings.empty() ? 0 : training::total_steps(after), shell);
}

int print_result(const fs::path& run, const training::TrainResult& result, bool json) {
  if (json) {
    const nlohmann::ordered_json object{{"run", shown(run)},
                                        {"env_steps", result.env_steps},
                                        {"updates", result.updates},
                                        {"seconds", result.seconds},
                                        {"disk_bytes", training::disk_bytes(run)},
                                        {"diverged_episodes", result.divergence.diverged},
                                        {"interrupted", result.interrupted}};
    fmt::print("{}\n", object.dump());
  } else if (!result.interrupted && result.updates == 0) {
    fmt::print("{}: {} steps, 0 updates: nothing was learned\n", shown(run), result.env_steps);
  } else if (!result.interrupted) {
    const contract::Divergence& d = result.divergence;
    const std::string diverged =
        d.diverged > 0 ? fmt::format(", {} of {} episodes diverged", d.diverged, d.episodes) : "";
    fmt::print("{}: {} steps, {} updates{}, {:.1f} MB on disk; see how it dreams: reverie evaluate {}\n",
               shown(run), result.env_steps, result.updates, diverged,
               static_cast<double>(training::disk_bytes(run)) / (1024.0 * 1024.0), shown(run));
  }
  return result.interrupted ? kInterrupted : kDone;
}

// Takes the word seeds=... out of `settings`.
std::optional<std::string> take_seeds(std::vector<std::string>& settings) {
  const auto is_seeds = [](const std::string& word) { return word.starts_with("seeds="); };
  const auto found = std::ranges::find_if(settings, is_seeds);
  if (found == settings.end()) return std::nullopt;
  const std::string seeds = found->substr(6);
  settings.erase(found);
  if (std::ranges::any_of(settings,
                          [&](const std::string& w) { return is_seeds(w) || w.starts_with("seed="); }))
    base::throw_user_error("seeds={}: expected one word seeds=... and no seed=...", seeds);
  return seeds;
}

// Two words for the same thing must agree.
void expect_one_task(const std::string& task, const std::vector<std::string>& settings) {
  for (const std::string& word : settings)
    if (!task.empty() && word.starts_with("task=") && word != "task=" + task)
      base::throw_user_error("'{}': --task {} names another task", word, task);
}

int train_command(const Options& options, const Shell& shell) {
  Words words = sort_words(options.words, 0, "key=value settings");
  expect_one_task(options.task, words.settings);
  if (!options.resume.empty()) {
    return print_result(options.resume, resume(options, words.settings, shell), shell.json);
  }
  const std::optional<std::string> seeds = take_seeds(words.settings);
  const training::TrainConfig config = make_config(options.config, options.task, words.settings);
  if (seeds) {
    if (options.out.empty())
      base::throw_user_error("seeds={}: expected --out DIR, where the runs go as seed-<N>", *seeds);
    return train_seeds(config, parse_seeds(*seeds), options.out, shell);
  }
  if (!options.out.empty())
    return print_result(options.out, train_with_progress(config, options.out, shell), shell.json);
  for (;;) {
    const fs::path run = training::fresh_run_path(runs_folder(), config.task);
    try {
      return print_result(run, train_with_progress(config, run, shell), shell.json);
    } catch (const training::RunTaken&) {  // by a process that was started in the same second
    }
  }
}

}  // namespace

void add_train(CommandLine& line, Shell& shell) {
  Command command = line.add("train", "collect, learn a world, learn a policy inside it");
  auto options = std::make_shared<Options>();
  command.option("--task", &options->task, "task id or path of a task file");
  command.option("--config", &options->config,
                 "TOML file with settings; --task and key=value words win over it");
  command.option(
      "--out", &options->out,
      "run directory (default: runs/<task>-<time>); never overwritten. With seeds=...: their parent");
  command.option("--resume", &options->resume, "go on with this run",
                 {.excludes = {"--task", "--config", "--out"}});
  command.option("words", &options->words, "[key=value ...] [seeds=0,1,2]");
  command.footer(
      "Examples:\n"
      "  reverie train --task dmc/reacher-easy seed=3 env_steps=30000\n"
      "  reverie train --task dmc/reacher-easy --out runs/reacher seeds=0,1,2   runs/reacher/seed-0, ...; "
      "the\n"
      "                                                   same command again goes on where it was\n"
      "  reverie train --resume runs/dmc-reacher-easy-20260101-120000\n"
      "  reverie train --resume RUN env_steps=100000      train further than planned\n"
      "  reverie train --task dmc/walker-walk data=data/walker env_steps=0 updates=50000   from episodes "
      "alone\n"
      "  reverie train --out runs/world --task dmc/walker-walk data=data/walker env_steps=0 learn=model "
      "updates=100000\n"
      "  reverie train --out runs/policy learn=policy from=runs/world env_steps=0 updates=50000");
  command.action([&shell, options] { return train_command(*options, shell); });
}

}  // namespace reverie::apps
