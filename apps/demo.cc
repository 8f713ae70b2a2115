// reverie demo: from nothing to a verdict: trains, evaluates, writes report and video.
#include <spdlog/spdlog.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/evaluate_job.h"
#include "apps/settings.h"
#include "apps/train_job.h"
#include "base/error.h"
#include "base/files.h"
#include "evaluation/report.h"
#include "training/run_directory.h"
#ifdef REVERIE_HAS_VIEWER
#include "viewer/viewer.h"
#endif

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

constexpr int kEpisodes = 20;

// Interrupted with the same settings: training goes on there. The result is written last.
bool can_go_on(const fs::path& run, const training::TrainConfig& config) {
  if (!training::is_run_directory(run) || fs::exists(run / "demo.json") || training::is_locked(run))
    return false;
  try {
    return same_settings(training::read_run_config(run), config);
  } catch (const base::UserError&) {
    return false;
  }
}

// The first of demo-seed1, demo-seed1-2, ... that is free or can go on.
fs::path choose_run(const training::TrainConfig& config) {
  for (int i = 1;; ++i) {
    fs::path run =
        runs_folder() / (fmt::format("demo-seed{}", config.seed) + (i == 1 ? "" : fmt::format("-{}", i)));
    if (!fs::exists(run) || can_go_on(run, config)) return run;
  }
}

// A machine that cannot draw still gets its verdict: "" and a warning.
std::string make_video([[maybe_unused]] const training::Run& run, [[maybe_unused]] const base::Stop* stop) {
#ifdef REVERIE_HAS_VIEWER
  try {
    viewer::ViewOptions options;
    options.headless = true;
    options.stop = stop;
    options.video = run.path / "evaluation" / "twin.mp4";
    options.screenshot = run.path / "evaluation" / "twin.png";
    viewer::view_run(run, options);
    return shown(options.video);
  } catch (const base::Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    spdlog::warn("no video: {}", error.what());
  }
#endif
  return "";
}

// The run, and how its training ended.
std::pair<fs::path, training::TrainResult> train_or_go_on(const training::TrainConfig& config,
                                                          const Shell& shell) {
  for (;;) {
    const fs::path path = choose_run(config);
    try {
      return {path, can_go_on(path, config) ? resume_with_progress(path, 0, shell)
                                            : train_with_progress(config, path, shell)};
    } catch (const training::RunTaken&) {  // by another demo, in this moment
    }
  }
}

int demo_command(const std::vector<std::string>& words, const Shell& shell) {
  const auto start = std::chrono::steady_clock::now();
  const training::TrainConfig config =
      make_config("", "", sort_words(words, 0, "key=value settings").settings);
  const auto [path, trained] = train_or_go_on(config, shell);
  if (trained.interrupted) return kInterrupted;

  spdlog::info("evaluating the last checkpoint on {} fresh episodes", kEpisodes);
  const training::Run run = training::open_run(path);
  const evaluation::EvaluationResult evaluated =
      evaluate_job(run, {.episodes = kEpisodes, .stop = shell.stop});
  const fs::path report =
      evaluation::write_report(evaluated, evaluation::report_directory(evaluated, path)).html;
  spdlog::info("drawing simulator and dream side by side");
  const std::string video = make_video(run, shell.stop);

  nlohmann::json result = evaluation::result_json(evaluated);
  result["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result["report"] = shown(report);
  result["video"] = video;
  base::write_file_atomic(path / "demo.json", result.dump(2) + "\n");
  if (shell.json) {
    fmt::print("{}\n", result.dump());
  } else {
    fmt::print("{}\nreport: {}\nvideo:  {}\n", evaluation::verdict_line(evaluated), shown(report),
               video.empty() ? "none (see the warning above)" : video);
  }
  return kDone;
}

}  // namespace

void add_demo(CommandLine& line, Shell& shell) {
  Command command = line.add("demo", "the main job: learn in a dream, check it in physics, report, video");
  auto words = std::make_shared<std::vector<std::string>>();
  command.option("words", words.get(), "[seed=N] [key=value ...]");
  command.footer(
      "Writes runs/demo-seed<N>. An interrupted demo goes on where it was, a finished one is kept and the "
      "next gets a\n"
      "directory of its own.\n\nExamples:\n"
      "  reverie demo\n"
      "  reverie demo seed=2 --json\n"
      "  reverie demo env_steps=20000                shorter, and worse");
  command.action([&shell, words] { return demo_command(*words, shell); });
}

}  // namespace reverie::apps
