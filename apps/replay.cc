// reverie replay: the physics alone, as CSV with full precision.
#include <CLI/CLI.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

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

void add_replay(CLI::App& app, Shell& shell) {
  CLI::App* sub =
      app.add_subcommand("replay", "the physics alone: states and controls in, rewards and states out");
  auto options = std::make_shared<Options>();
  sub->add_option("--task", options->task, "task id or path of a task file")->required();
  sub->add_option("--input", options->input, "CSV: reset, qpos_*, qvel_*, act_*, mocap_*, ctrl_*");
  sub->add_option("--output", options->output,
                  "CSV: reward, terminated, truncated, obs_*, qpos_*, qvel_* (default: stdout)");
  sub->add_option("--resets", options->resets, "instead of an input: this many fresh resets")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
      ->excludes("--input");
  sub->add_option("--seed", options->seed, "of the resets")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  sub->add_option("words", options->words, "[params.x=value ...]")->type_name("");
  sub->footer(
      "Columns are read by name, in any order. A row with reset=1 sets the state and takes no step; every "
      "other row\n"
      "applies ctrl as given and takes one control step.\n\nExamples:\n"
      "  reverie replay --task dmc/cartpole-swingup --input in.csv --output out.csv\n"
      "  reverie replay --task dmc/reacher-easy --resets 100 --seed 3 --output resets.csv");
  sub->callback(
      [&shell, options] { shell.action = [&shell, options] { return replay_command(*options, shell); }; });
}

}  // namespace reverie::apps
