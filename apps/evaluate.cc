// reverie evaluate: compares what a run dreams with physics, and checks the evaluation itself.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/evaluate_job.h"
#include "apps/evaluate_sweep.h"
#include "apps/settings.h"
#include "base/disk_full.h"
#include "base/error.h"
#include "contract/network_policy.h"
#include "evaluation/gates.h"
#include "evaluation/report.h"
#include "evaluation/scorecard.h"
#include "evaluation/self_test.h"
#include "report/stage_progress.h"
#include "training/data/offline_data.h"
#include "training/presets.h"
#include "training/run_directory.h"

#ifdef REVERIE_HAS_VIEWER
#include "viewer/film.h"
#endif

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

constexpr size_t kMostRuns = 100;

struct Options {
  std::vector<std::string> words;
  std::string checkpoint = "last", out, policy, against;
  int episodes = 20;
  int64_t horizon = evaluation::EvaluationOptions{}.horizon;
  int64_t long_dream = 0;
  std::string sections;
  std::vector<std::string> gates;
  bool quick = false;
  bool self_test = false;
  bool all_checkpoints = false;
  bool videos = false;
  std::string data;
};

// key=value words of the command.
struct Settings {
  Common common;
  policies::PlannerConfig planner;
};

evaluation::ReportFiles write_files(const evaluation::EvaluationResult& result, const fs::path& directory) {
  constexpr const char* kElsewhere = "the report is not written; --out DIR puts it elsewhere";
  try {
    return evaluation::write_report(result, directory);
  } catch (const base::DiskFull& error) {
    throw base::DiskFull(fmt::format("{}; {}", error.what(), kElsewhere));
  } catch (const base::UserError& error) {
    base::throw_user_error("{}; {}", error.what(), kElsewhere);
  } catch (const fs::filesystem_error& error) {
    base::throw_user_error("{}: {}; {}", error.path1().string(), error.code().message(), kElsewhere);
  }
}

std::vector<std::string> write_films(const sim::Task& task, std::span<const evaluation::Strip> strips,
                                     const fs::path& directory, const Shell& shell) {
#ifdef REVERIE_HAS_VIEWER
  report::StageProgress line(isatty(STDERR_FILENO) != 0);
  const evaluation::Progress progress(
      [&](const evaluation::ProgressNow& now) {
        if (!shell.quiet) line.update(now.part, now.of_part, now.of_all);
      },
      1.0);
  if (!strips.empty()) progress.begin("films", 1.0);
  return viewer::write_strips(task, strips, directory, shell.stop, progress);
#else
  if (!strips.empty()) base::throw_user_error("this program was built without its viewer");
  return {};
#endif
}

// The words that make this report again. `checkpoint` is a step: names such as "last" move on.
std::string command_of(const Options& options, const std::string& checkpoint) {
  std::string command = "reverie evaluate";
  for (const std::string& word : options.words) command += " " + shell_word(word);
  command += " --checkpoint " + checkpoint;
  command += options.quick ? " --quick" : fmt::format(" --episodes {}", options.episodes);
  if (options.horizon != Options{}.horizon) command += fmt::format(" --horizon {}", options.horizon);
  if (!options.sections.empty()) command += " --sections " + options.sections;
  if (!options.policy.empty()) command += " --policy " + shell_word(options.policy);
  if (!options.against.empty()) command += " --against " + shell_word(options.against);
  if (!options.data.empty()) command += " --data " + shell_word(options.data);
  if (options.videos) command += " --videos";
  if (!options.out.empty()) command += " --out " + shell_word(options.out);
  if (options.long_dream > 0) command += fmt::format(" --long-dream {}", options.long_dream);
  return command;
}

std::vector<evaluation::Section> wanted_sections(const Options& options) {
  if (!options.sections.empty()) return evaluation::sections_named(options.sections);
  if (options.quick) return evaluation::quick_sections();
  const auto all = evaluation::all_sections();
  return {all.begin(), all.end()};
}

// Episodes of a directory, as a start set of their own.
std::shared_ptr<const std::vector<contract::Episode>> read_data(const std::string& data,
                                                                const training::Run& run) {
  std::vector<contract::Episode> episodes;
  for (const fs::path& shard : training::shards_of(data))
    for (contract::Episode& episode :
         training::load_shard(shard, {.spec = run.task->spec(), .action_repeat = run.agent->action_repeat()})
             .episodes)
      if (training::is_learnable(episode)) episodes.push_back(std::move(episode));
  if (episodes.empty()) base::throw_user_error("--data {}: there is no episode", data);
  return std::make_shared<const std::vector<contract::Episode>>(std::move(episodes));
}

// Who acts: the run's own policy, that of another run, or one of a file.
struct Acting {
  std::optional<training::Run> run;
  std::unique_ptr<contract::Policy> network;
  evaluation::ActingPolicy policy;
};

void find_acting(Acting& acting, const std::string& policy, const training::Run& run,
                 const std::string& device) {
  if (policy.empty()) return;
  if (policy.ends_with(".safetensors")) {
    acting.network = contract::network_policy(policy, run.task->spec());
    acting.policy = {.run = nullptr, .policy = acting.network.get(), .name = policy};
  } else {
    acting.run = training::open_run_at(policy, device);
    acting.policy.run = &*acting.run;
  }
}

// What was found is told before anything is written: a run may lie where nothing can be.
int evaluate_command(const Options& options, const Settings& settings, const std::string& path,
                     const Shell& shell) {
  std::vector<evaluation::Gate> gates;
  gates.reserve(options.gates.size());
  for (const std::string& gate : options.gates) gates.push_back(evaluation::parse_gate(gate));
  const std::vector<evaluation::Section> sections = wanted_sections(options);
  const training::Run run = training::open_run(path, options.checkpoint, settings.common.device);
  std::optional<training::Run> against;
  if (!options.against.empty()) against = training::open_run_at(options.against, settings.common.device);
  Acting acting;
  find_acting(acting, options.policy, run, settings.common.device);
  evaluation::EvaluationResult result =
      evaluate_job(run, {.episodes = options.episodes,
                         .seed = settings.common.seed,
                         .think = policies::parse_think(settings.common.think),
                         .planner = settings.planner,
                         .horizon = options.horizon,
                         .long_dream = options.long_dream,
                         .sections = sections,
                         .against = against ? &*against : nullptr,
                         .acting = acting.policy,
                         .data = options.data.empty() ? nullptr : read_data(options.data, run),
                         .videos = options.videos,
                         .quick = options.quick,
                         .quiet = shell.quiet,
                         .stop = shell.stop});
  result.command = command_of(options, run.checkpoint);
  // Without the rows that a gate names the report is still told and written, and the error comes last.
  std::optional<base::UserError> failed;
  try {
    result.gates = evaluation::check_gates(gates, result.sections);
  } catch (const base::UserError& error) {
    failed = error;
  }
  if (shell.json) {
    fmt::print("{}\n", evaluation::report_json(result).dump());
  } else {
    fmt::print("{}{}{}\n{}", evaluation::sections_text(result), evaluation::scorecard_text(result),
               evaluation::verdict_line(result), evaluation::gates_text(result.gates));
  }
  std::fflush(stdout);
  const fs::path directory =
      options.out.empty() ? evaluation::report_directory(result, run.path) : fs::path(options.out);
  try {
    result.films = write_films(*run.task, result.strips, directory, shell);
  } catch (const base::UserError& error) {
    if (!failed) failed = base::UserError(fmt::format("--videos: {}", error.what()));
  }
  const evaluation::ReportFiles files = write_files(result, directory);
  if (!shell.json) fmt::print("report: {}\n", shown(files.html));
  if (failed) throw base::UserError(*failed);
  return std::ranges::all_of(result.gates, &evaluation::GateOutcome::held) ? kDone : kCheckFailed;
}

// On the task of a run, or on the task named, or on the demo's.
int self_test_command(const std::vector<std::string>& paths, int64_t seed, const Shell& shell) {
  evaluation::SelfTestOptions options;
  options.seed = static_cast<uint64_t>(seed);
  options.stop = shell.stop;
  training::TrainConfig config;
  const bool of_run = !paths.empty() && training::is_run_directory(paths.front());
  if (of_run) {
    config = training::read_run_config(paths.front());
  } else if (!paths.empty()) {
    config.task = paths.front();
  }
  const std::shared_ptr<const sim::Task> task =
      of_run ? training::load_run_task(paths.front(), config) : sim::Task::load(config.task);
  options.action_repeat = static_cast<int>(config.action_repeat);
  base::ThreadPool pool(static_cast<int>(config.sim_threads));
  for (const std::string& line : task->warnings()) spdlog::warn("{}", line);
  const evaluation::SelfTest result = self_test(task, options, pool);
  if (shell.json) {
    fmt::print("{}\n", evaluation::self_test_json(result).dump());
  } else {
    fmt::print("{}\n", evaluation::self_test_text(result));
  }
  return result.passed() ? kDone : kCheckFailed;
}

// Every word is of some use.
void check_words(const Options& options, const Settings& settings, const std::vector<std::string>& words,
                 const Command& command) {
  if (options.self_test)
    command.refuse(
        {"--episodes", "--checkpoint", "--out", "--horizon", "--long-dream", "--policy", "--against",
         "--sections", "--quick", "--gate", "--all-checkpoints", "--data", "--videos"},
        "not with --self-test, which takes seed=N only");
  for (const std::string& word : words) {
    if (options.self_test && !word.starts_with("seed="))
      base::throw_user_error("'{}': --self-test takes seed=N only", word);
    if (word.starts_with("planner.") &&
        policies::parse_think(settings.common.think) == policies::Think::kActor)
      base::throw_user_error("'{}': nothing is planned without think=1, 2, 3 or adaptive", word);
  }
}

int sweep(const Options& options, const Settings& settings, const std::vector<std::string>& paths,
          const Command& command, const Shell& shell) {
  const std::string why = "not with several runs or checkpoints, of which a table is made";
  command.refuse(
      {"--checkpoint", "--policy", "--sections", "--gate", "--long-dream", "--data", "--videos", "--against"},
      why);
  if (options.all_checkpoints && paths.size() > 1)
    base::throw_user_error("--all-checkpoints: expected one run, found {}", paths.size());
  return sweep_command({.paths = paths,
                        .out = options.out,
                        .device = settings.common.device,
                        .job = {.episodes = options.episodes,
                                .seed = settings.common.seed,
                                .think = policies::parse_think(settings.common.think),
                                .planner = settings.planner,
                                .horizon = options.horizon,
                                .quick = options.quick,
                                .quiet = shell.quiet,
                                .stop = shell.stop}},
                       shell);
}

int run_command(const Options& options, const Command& command, const Shell& shell) {
  const Words words = sort_words(options.words, options.self_test ? 1 : kMostRuns,
                                 options.self_test ? "a run directory or a task" : "a run directory");
  Settings settings;
  if (!words.paths.empty() && training::is_run_directory(words.paths.front()))
    settings.planner = training::default_planner(training::read_run_config(words.paths.front()));
  std::vector<base::Field> keys = fields(settings.planner);
  for (base::Field& key : fields(settings.common)) keys.push_back(std::move(key));
  for (const std::string& word : words.settings) base::apply_override(keys, word);
  check_words(options, settings, words.settings, command);
  if (options.self_test) return self_test_command(words.paths, settings.common.seed, shell);
  if (words.paths.empty())
    base::throw_user_error("expected a run directory, e.g. reverie evaluate runs/demo-seed1");
  if (options.all_checkpoints || words.paths.size() > 1)
    return sweep(options, settings, words.paths, command, shell);
  return evaluate_command(options, settings, words.paths.front(), shell);
}

}  // namespace

void add_evaluate(CommandLine& line, Shell& shell) {
  Command command = line.add("evaluate", "imagined against simulated: report.html and report.json");
  auto options = std::make_shared<Options>();
  command.option("words", &options->words, "[RUN...] [think=0|1|2|3|adaptive] [seed=N] [device=D]");
  command.option("--episodes", &options->episodes, "fresh episodes", {.allowed = base::from_to(1, 100000)});
  command.option("--checkpoint", &options->checkpoint, "last, best, most_faithful or a step");
  command.option("--out", &options->out, "where the report goes (default: RUN/evaluation)");
  command.option(
      "--policy", &options->policy,
      "RUN or RUN@CHECKPOINT of the same task, or FILE.safetensors with layers (docs/formats.md): who acts "
      "in this run's world and in physics");
  command.option("--data", &options->data, "episodes of the same task, as one more set of starts");
  command.option("--videos", &options->videos,
                 "films of the best, median, worst and most over-promised episode: some seconds each");
  command.option("--all-checkpoints", &options->all_checkpoints,
                 "a table with a row a checkpoint, as CSV and plots");
  command.option("--against", &options->against,
                 "RUN or RUN@CHECKPOINT of the same task, e.g. learned without imagination: how much more "
                 "the policy earns");
  command.option("--horizon", &options->horizon,
                 "control steps for which dreams are followed under recorded actions",
                 {.allowed = base::from_to(1, 100000)});
  command.option("--long-dream", &options->long_dream,
                 "leave the policy alone in the dream, and in physics, for so many control steps",
                 {.allowed = base::from_to(1000, 100000000)});
  command.option("--sections", &options->sections,
                 "only these sections of the report, e.g. returns,fidelity");
  command.option("--quick", &options->quick,
                 "5 episodes a set, 64 starts, 100 control steps, without the dearest sections",
                 {.allowed = {}, .excludes = {"--episodes", "--horizon"}});
  command.option("--gate", &options->gates,
                 "'ROW>=NUMBER' (also <=, >, <, ==): status 1 unless it holds; may be given again");
  command.option("--self-test", &options->self_test,
                 "put the simulator in the model's place: it must score zero error, a wrong one must not");
  command.footer(
      "Examples:\n"
      "  reverie evaluate runs/demo-seed1\n"
      "  reverie evaluate runs/demo-seed1 --episodes 100 --checkpoint 20000 seed=5\n"
      "  reverie evaluate runs/demo-seed1 think=3     planning before every action\n"
      "  reverie evaluate runs/demo-seed1 --horizon 500 --sections fidelity   does it hold longer than 200 "
      "steps?\n"
      "  reverie evaluate runs/walker --long-dream 24000   ten minutes of walker in the dream alone\n"
      "  reverie evaluate runs/walker --quick --gate 'simulated_return>=800' --gate 'return_bias.high<=20'\n"
      "  reverie evaluate runs/world --policy runs/walker@30000   another run's policy in this run's dream\n"
      "  reverie evaluate runs/walker --all-checkpoints --quick\n"
      "  reverie evaluate runs/a runs/b runs/c        one table; does the dream of a rank their policies?\n"
      "  reverie evaluate --self-test                 on cartpole swing-up\n"
      "  reverie evaluate --self-test dmc/reacher-easy");
  command.action([&shell, options, command] { return run_command(*options, command, shell); });
}

}  // namespace reverie::apps
