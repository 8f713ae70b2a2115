// reverie view: simulator and dream side by side on the same actions, in a window or into files.
#ifdef REVERIE_HAS_VIEWER
#include <CLI/CLI.hpp>

#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "viewer/viewer.h"

namespace reverie::apps {
namespace {

struct Options {
  std::vector<std::string> words;
  std::string checkpoint = "last", screenshot, video;
  viewer::ViewOptions view;
};

int view_command(Options& options) {
  const Words words = sort_words(options.words, 1, "a run directory or a task");
  Common common;
  for (const std::string& word : words.settings) base::apply_override(fields(common), word);
  options.view.think = policies::parse_think(common.think);
  options.view.seed = static_cast<uint64_t>(common.seed);
  options.view.screenshot = options.screenshot;
  options.view.video = options.video;
  const std::string what = words.paths.empty() ? training::TrainConfig{}.task : words.paths.front();
  if (std::filesystem::is_directory(what)) {
    viewer::view_run(training::open_run(what, options.checkpoint, common.device), options.view);
  } else {
    viewer::view_task(sim::Task::load(what), options.view);
  }
  for (const std::string& file : {options.screenshot, options.video}) {
    if (!file.empty()) fmt::print("{}\n", file);
  }
  return kDone;
}

}  // namespace

void add_view(CLI::App& app, Shell& shell) {
  CLI::App* sub = app.add_subcommand("view", "simulator and dream side by side, in a window or into files");
  auto options = std::make_shared<Options>();
  viewer::ViewOptions& view = options->view;
  sub->add_option("words", options->words, "[RUN|TASK] [think=0|1|2|3|adaptive] [seed=N] [device=D]")
      ->type_name("");
  sub->add_flag("--headless", view.headless, "no window: needs --screenshot or --video, and no display");
  sub->add_option("--screenshot", options->screenshot, "PNG of the last frame");
  sub->add_option("--video", options->video, "MP4");
  sub->add_option("--seconds", view.seconds, "headless: length")->capture_default_str();
  sub->add_option("--speed", view.speed, "simulated seconds a second")->capture_default_str();
  sub->add_option("--anchor-every", view.anchor_every,
                  "control steps between putting the dream back on physics; 0: never");
  sub->add_option("--width", view.width, "pixels")->capture_default_str();
  sub->add_option("--height", view.height, "pixels")->capture_default_str();
  sub->add_option("--checkpoint", options->checkpoint, "last, best or a step")->capture_default_str();
  sub->add_option("--policy", view.policy, "of a task without a run: random or zero")->capture_default_str();
  sub->footer(
      "Examples:\n"
      "  reverie view runs/demo-seed1\n"
      "  reverie view dmc/reacher-easy --policy zero\n"
      "  reverie view runs/demo-seed1 --headless --screenshot twin.png --video twin.mp4");
  sub->callback([&shell, options] { shell.action = [options] { return view_command(*options); }; });
}

}  // namespace reverie::apps
#endif
