// reverie replay: the physics alone, as CSV with full precision.
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "base/files.h"
#include "sim/physics_csv.h"

namespace reverie::apps {
namespace {

struct Options {
  std::string task, input, output;
  int64_t resets = 0, seed = 1;
  std::vector<std::string> words;
};

sim::CsvResult replay(const Options& options, std::ostream& output) {
  const Words words = sort_words(options.words, 0, "params.x=value settings");
  const auto task = sim::Task::load(options.task, words.settings);
  if (options.resets > 0)
    return sim::csv_of_resets(task, options.resets, static_cast<uint64_t>(options.seed), output);
  if (options.input.empty()) base::throw_user_error("expected --input IN.csv or --resets N");
  std::istringstream input(base::read_file(options.input));
  return sim::step_csv(task, input, options.input, output);
}

int replay_command(const Options& options, const Shell& shell) {
  std::ostringstream output;
  const sim::CsvResult result = replay(options, output);
  if (options.output.empty()) {
    fmt::print("{}", output.str());
    return kDone;
  }
  base::write_file_atomic(options.output, output.str());
  if (shell.json) {
    const nlohmann::ordered_json object{
        {"output", options.output}, {"rows", result.rows}, {"diverged", result.diverged}};
    fmt::print("{}\n", object.dump());
  }
  return kDone;
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
  command.action([&shell, options] { return replay_command(*options, shell); });
}

}  // namespace reverie::apps
