// reverie evaluate: compares what a run dreams with physics, and checks the evaluation itself.
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/evaluate_job.h"
#include "apps/settings.h"
#include "base/error.h"
#include "evaluation/self_test.h"
#include "training/presets.h"
#include "training/run_directory.h"

namespace reverie::apps {
namespace {

struct Options {
  std::vector<std::string> words;
  std::string checkpoint = "last";
  int episodes = 20;
  bool self_test = false;
};

// key=value words of the command.
struct Settings {
  Common common;
  policies::PlannerConfig planner;
};

int evaluate_command(const Options& options, const Settings& settings, const std::string& path, bool json) {
  const policies::Think think = policies::parse_think(settings.common.think);
  const training::Run run = training::open_run(path, options.checkpoint, settings.common.device);
  const Evaluated evaluated =
      evaluate_and_report(run, options.episodes, settings.common.seed, think, settings.planner);
  if (json) {
    fmt::print("{}\n", evaluation::result_json(evaluated.result).dump());
  } else {
    fmt::print("{}{}\nreport: {}\n", evaluation::sections_text(evaluated.result),
               evaluation::verdict_line(evaluated.result), shown(evaluated.files.html));
  }
  return kDone;
}

// On the task of a run, or on the task named, or on the demo's.
int self_test_command(const std::vector<std::string>& paths, int64_t seed, bool json) {
  evaluation::SelfTestOptions options;
  options.seed = static_cast<uint64_t>(seed);
  training::TrainConfig config;
  if (!paths.empty() && training::is_run_directory(paths.front())) {
    config = training::read_run_config(paths.front());
  } else if (!paths.empty()) {
    config.task = paths.front();
  }
  options.action_repeat = static_cast<int>(config.action_repeat);
  base::ThreadPool pool(static_cast<int>(config.sim_threads));
  const evaluation::SelfTest result =
      self_test(sim::Task::load(config.task, training::task_overrides(config)), options, pool);
  if (json) {
    const nlohmann::ordered_json object{{"task", result.task},
                                        {"passed", result.passed()},
                                        {"same_is_perfect", result.same_is_perfect},
                                        {"wrong_world", result.wrong_world},
                                        {"wrong_is_found_out", result.wrong_is_found_out}};
    fmt::print("{}\n", object.dump());
  } else {
    fmt::print("{}\n", evaluation::self_test_text(result));
  }
  return result.passed() ? kDone : kCheckFailed;
}

int run_command(const Options& options, const Shell& shell) {
  const Words words =
      sort_words(options.words, 1, options.self_test ? "a run directory or a task" : "a run directory");
  Settings settings;
  if (!words.paths.empty() && training::is_run_directory(words.paths.front()))
    settings.planner = training::default_planner(training::read_run_config(words.paths.front()));
  std::vector<base::Field> keys = fields(settings.planner);
  for (base::Field& key : fields(settings.common)) keys.push_back(std::move(key));
  for (const std::string& word : words.settings) base::apply_override(keys, word);
  if (options.self_test) return self_test_command(words.paths, settings.common.seed, shell.json);
  if (words.paths.empty())
    base::throw_user_error("expected a run directory, e.g. reverie evaluate runs/demo-seed1");
  return evaluate_command(options, settings, words.paths.front(), shell.json);
}

}  // namespace

void add_evaluate(CommandLine& line, Shell& shell) {
  Command command = line.add("evaluate", "imagined against simulated: report.html and report.json");
  auto options = std::make_shared<Options>();
  command.option("words", &options->words, "[RUN] [think=0|1|2|3|adaptive] [seed=N] [device=D]");
  command.option("--episodes", &options->episodes, "fresh episodes", {.allowed = base::from_to(1, 100000)});
  command.option("--checkpoint", &options->checkpoint, "last, best or a step");
  command.option("--self-test", &options->self_test,
                 "put the simulator in the model's place: it must score zero error, a wrong one must not");
  command.footer(
      "Examples:\n"
      "  reverie evaluate runs/demo-seed1\n"
      "  reverie evaluate runs/demo-seed1 --episodes 100 --checkpoint 20000 seed=5\n"
      "  reverie evaluate runs/demo-seed1 think=3     planning before every action\n"
      "  reverie evaluate --self-test                 on cartpole swing-up\n"
      "  reverie evaluate --self-test dmc/reacher-easy");
  command.action([&shell, options] { return run_command(*options, shell); });
}

}  // namespace reverie::apps
