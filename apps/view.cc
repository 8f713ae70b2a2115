// reverie view: simulator and dream side by side on the same actions, in a window or into files.
#ifdef REVERIE_HAS_VIEWER

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "contract/scripted_policy.h"
#include "evaluation/report_point.h"
#include "report/stage_progress.h"
#include "tensor/device.h"
#include "training/run_directory.h"
#include "viewer/layout_settings.h"
#include "viewer/memory.h"
#include "viewer/script_player.h"
#include "viewer/viewer.h"

namespace reverie::apps {
namespace {

constexpr size_t kMostWords = 8;  // the runs that can be shown at once, recorded episodes, and one to tell of

struct Options {
  std::vector<std::string> words;
  std::string checkpoint = "last", screenshot, video, record, script, from, point;
  int64_t episode = 0, step = 0;
  viewer::ViewOptions view;
};

bool is_run(const std::string& what) {
  return training::is_run_directory(training::split_run_name(what).run);
}

bool opens_window(const Options& options) {
  return !options.view.headless && options.screenshot.empty() && options.video.empty() &&
         options.script.empty();
}

// Every word is of some use.
void check_words(const Options& options, const Words& words, const Command& command) {
  const std::string what = words.paths.empty() ? "" : words.paths.front();
  if (opens_window(options))
    command.refuse(
        {"--seconds"},
        "a window is open until it is closed; give it with --screenshot, --video or --record --headless");
  if (!options.script.empty()) command.refuse({"--seconds"}, "a script says itself how long it waits");
  if (options.script.empty())
    command.refuse({"--real-time"}, "give it with --script; files are not written by the clock");
  if (is_run(what)) return command.refuse({"--policy"}, "a run has its own policy; --policy is for a task");
  if (words.paths.size() > 1)
    base::throw_user_error("'{}': {} shown beside a run, and {} is none", words.paths[1],
                           is_run(words.paths[1]) ? "another run is" : "recorded episodes are", what);
  command.refuse({"--checkpoint", "--anchor-every"}, "a task alone has none; expected a run directory");
  if (std::filesystem::is_directory(what)) command.refuse({"--policy"}, "a dataset has its own actions");
  for (const std::string& word : words.settings)
    if (word.starts_with("think="))
      base::throw_user_error("'{}': only the policy of a run can plan; expected a run directory", word);
}

void print_files(const Options& options, const nlohmann::ordered_json& printed, bool json) {
  nlohmann::ordered_json object;
  if (!printed.empty()) object["printed"] = printed;
  for (const auto& [name, file] :
       {std::pair("screenshot", options.screenshot), {"video", options.video}, {"record", options.record}}) {
    if (file.empty()) continue;
    object[name] = file;
    if (!json) fmt::print("{}\n", file);
  }
  if (json) fmt::print("{}\n", object.is_null() ? "{}" : object.dump());
}

// What is shown beside the run that comes first: more runs, and recorded episodes.
void take_words_beside(const Words& words, viewer::ViewOptions& view) {
  for (size_t i = 1; i < words.paths.size(); ++i) {
    const std::string& path = words.paths[i];
    if (is_run(path)) {
      view.beside.push_back(path);
    } else if (view.data.empty()) {
      view.data = path;
    } else {
      base::throw_user_error("'{}': no run, and the recorded episodes of {} are shown already", path,
                             view.data.string());
    }
  }
}

// The run of a report, begun in the state of one of its points.
void open_point(const Options& options, const Words& words, const Command& command, const Common& common) {
  command.refuse({"--checkpoint", "--policy"}, "not with --from: the report says what is opened");
  if (!words.paths.empty())
    base::throw_user_error("'{}': not with --from: the report says what is opened", words.paths.front());
  if (options.point.empty())
    base::throw_user_error("--from {}: expected --point ID too, e.g. returns-0", options.from);
  const evaluation::ReportPoint point = evaluation::read_report_point(options.from, options.point);
  const training::Run run = training::open_run(point.run, point.checkpoint, common.device);
  viewer::ViewOptions view = options.view;
  view.start = std::make_shared<const contract::Episode>(evaluation::record_start(run, point));
  view.seed = point.seed;
  view.think = policies::parse_think(point.think);
  viewer::view_run(run, view);
}

int view_command(Options& options, const Command& command, const Shell& shell) {
  const Words words =
      sort_words(options.words, kMostWords, "what to open, and more runs or recorded episodes beside it");
  Common common;
  for (const std::string& word : words.settings) base::apply_override(fields(common), word);
  options.view.think = policies::parse_think(common.think);
  options.view.seed = static_cast<uint64_t>(common.seed);
  options.view.screenshot = options.screenshot;
  options.view.video = options.video;
  options.view.record = options.record;
  options.view.script = options.script;
  report::StageProgress progress(isatty(STDERR_FILENO) != 0);
  nlohmann::ordered_json printed = nlohmann::ordered_json::array();
  options.view.print = [&](const std::string& line) {
    if (shell.json) {
      printed.push_back(line);
    } else {
      progress.hide();
      fmt::print("{}\n", line);
      std::fflush(stdout);
    }
  };
  tensor::set_learner_threads(1);  // other cores draw and simulate
  viewer::give_back_large_blocks();
  options.view.stop = shell.stop;
  options.view.checkpoint = options.checkpoint;
  options.view.device = common.device;
  options.view.episode = static_cast<uint64_t>(options.episode);
  options.view.step = options.step;
  options.view.layout = viewer::layout_file();
  options.view.runs = runs_folder();
  if (options.from.empty()) check_words(options, words, command);
  if (options.from.empty()) command.refuse({"--point"}, "of which report? give --from REPORT.json too");
  take_words_beside(words, options.view);
  if (!shell.quiet) {
    const std::string stage = options.script.empty() ? "files" : "script";
    if (!opens_window(options)) progress.update("opening", 0.0, 0.0);
    options.view.progress = [&progress, stage](double share) { progress.update(stage, 0.0, share); };
    progress.tick_by_itself();
  }
  try {
    if (!options.from.empty()) {
      open_point(options, words, command, common);
    } else {
      viewer::view(words.paths.empty() ? "" : words.paths.front(), options.view);
    }
  } catch (const viewer::ExpectationFailed& failed) {
    progress.finish();
    fmt::print(stderr, "{}\n", failed.what());
    return kCheckFailed;
  }
  progress.finish();
  print_files(options, printed, shell.json);
  return kDone;
}

}  // namespace

void add_view(CommandLine& line, Shell& shell) {
  Command command = line.add("view", "simulator and dream side by side, in a window or into files");
  auto options = std::make_shared<Options>();
  viewer::ViewOptions& view = options->view;
  command.option("words", &options->words,
                 "[RUN|RUN@CHECKPOINT|DATASET|MODEL.xml|TASK] [more runs or a DATASET beside a run] "
                 "[think=0|1|2|3|adaptive] [seed=N] "
                 "[device=D]");
  command.option("--headless", &view.headless,
                 "no window: needs --screenshot, --video, --record or --script, and no display");
  command.option("--screenshot", &options->screenshot, "PNG of the last frame");
  command.option("--video", &options->video, "MP4");
  command.option(
      "--record", &options->record,
      "headless: MCAP of physics and dream as two robots, for Foxglove and others (docs/interop.md)");
  command.option("--real-time", &view.real_time,
                 "a script's seconds are those of the clock, and steps have a thread, as in a window");
  command.option("--script", &options->script,
                 "what a user does and must see, line by line (docs/viewer.md)");
  command.option("--seconds", &view.seconds, "headless: length");
  command.option("--speed", &view.speed, "simulated seconds a second");
  command.option("--anchor-every", &view.anchor_every,
                 "control steps between putting the dream back on physics; 0: never");
  command.option("--acts", &options->view.acts,
                 "who acts, by the name that the window shows, e.g. 'think 1'");
  command.option("--episode", &options->episode, "the one to begin with", {.allowed = base::at_least(0)});
  command.option("--step", &options->step,
                 "control steps into the episode, taken at once; then it stands still",
                 {.allowed = base::at_least(0)});
  command.option("--from", &options->from, "report.json of an evaluation, with --point");
  command.option("--point", &options->point, "ID of a point of the report: begins in exactly its state");
  command.option("--width", &view.width, "pixels");
  command.option("--height", &view.height, "pixels");
  command.option("--checkpoint", &options->checkpoint, "last, best, most_faithful or a step");
  command.option("--policy", &view.policy,
                 "of a task (random) or model (zero) without a run: " + contract::scripted_names());
  command.footer(
      "Examples:\n"
      "  reverie view runs/demo-seed1\n"
      "  reverie view dmc/reacher-easy --policy zero\n"
      "  reverie view my_robot.xml\n"
      "  reverie view --from runs/demo-seed1/evaluation/report.json --point returns-3\n"
      "  reverie view runs/demo-seed1 runs/demo-seed2\n"
      "  reverie view runs/demo-seed1 data/walks\n"
      "  reverie view runs/demo-seed1 --headless --screenshot twin.png --video twin.mp4\n"
      "  reverie view runs/demo-seed1 --headless --record twin.mcap");
  command.action([&shell, options, command] { return view_command(*options, command, shell); });
}

}  // namespace reverie::apps
#endif
