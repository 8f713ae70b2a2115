// reverie replay: the physics alone, as CSV with full precision.
#include <spdlog/spdlog.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "base/files.h"
#include "sim/physics_csv.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

// A reader may take its time over a long text.
void print_text(std::string_view text, const base::Stop* stop) {
  constexpr size_t kPiece = size_t{1} << 16;
  for (; !text.empty(); text.remove_prefix(std::min(kPiece, text.size()))) {
    base::check_stop(stop);
    fmt::print("{}", text.substr(0, kPiece));
  }
}

struct Options {
  std::string task, input, output;
  int64_t resets = 0, seed = 1;
  std::vector<std::string> words;
};

sim::CsvResult replay(const Options& options, std::ostream& output, const base::Stop* stop) {
  const Words words = sort_words(options.words, 0, "params.x=value settings");
  const auto task = sim::Task::load(options.task, words.settings);
  if (options.resets > 0)
    return sim::csv_of_resets(task, options.resets, static_cast<uint64_t>(options.seed), output, stop);
  if (options.input.empty()) base::throw_user_error("expected --input IN.csv or --resets N");
  std::istringstream input(base::read_file(options.input, base::kMostData));
  return sim::step_csv(task, input, options.input, output, stop);
}

// Every word is of some use, and no file is both read and written.
void check_words(const Options& options, const Command& command, bool json) {
  if (options.resets == 0) command.refuse({"--seed"}, "only with --resets: a row of --input says its state");
  if (json && options.output.empty()) base::throw_user_error("--json: expected --output OUT.csv beside it");
  std::error_code none;
  if (!options.output.empty() && fs::equivalent(options.input, options.output, none))
    base::throw_user_error("{}: --output would replace the input", options.output);
}

int replay_command(const Options& options, const Command& command, const Shell& shell) {
  check_words(options, command, shell.json);
  std::ostringstream output;
  const sim::CsvResult result = replay(options, output, shell.stop);
  const bool diverged = result.diverged_line > 0;
  if (options.output.empty()) {
    print_text(output.view(), shell.stop);
  } else {
    base::write_file_atomic(options.output, output.view(), shell.stop);
  }
  if (shell.json) {
    nlohmann::ordered_json object{{"output", options.output}, {"rows", result.rows}, {"diverged", diverged}};
    if (diverged) object["diverged_line"] = result.diverged_line;
    fmt::print("{}\n", object.dump());
  }
  if (diverged) {
    spdlog::error("{}:{}: physics diverged: {} The output ends with the row before", options.input,
                  result.diverged_line, result.divergence);
  }
  return diverged ? kCheckFailed : kDone;
}

}  // namespace

void add_replay(CommandLine& line, Shell& shell) {
  Command command = line.add("replay", "the physics alone: states and controls in, rewards and states out");
  auto options = std::make_shared<Options>();
  command.option("--task", &options->task, "task id or path of a task file", {.required = true});
  command.option("--input", &options->input, "CSV: reset, qpos_*, qvel_*, act_*, mocap_*, ctrl_*");
  command.option("--output", &options->output,
                 "CSV: reward, terminated, truncated, obs_*, qpos_*, qvel_* (default: stdout)");
  command.option("--resets", &options->resets, "instead of an input: this many fresh resets",
                 {.allowed = base::from_to(1, std::exp2(40)), .excludes = {"--input"}});
  command.option("--seed", &options->seed, "of the resets", {.allowed = base::at_least(0)});
  command.option("words", &options->words, "[params.x=value ...]");
  command.footer(
      "Columns are read by name, in any order. A row with reset=1 sets the state and takes no step; every "
      "other row\n"
      "applies ctrl as given and takes one control step.\n\nExamples:\n"
      "  reverie replay --task dmc/cartpole-swingup --input in.csv --output out.csv\n"
      "  reverie replay --task dmc/reacher-easy --resets 100 --seed 3 --output resets.csv");
  command.action([&shell, options, command] { return replay_command(*options, command, shell); });
}

}  // namespace reverie::apps
