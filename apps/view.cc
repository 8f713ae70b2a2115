// reverie view: simulator and dream side by side on the same actions, in a window or into files.
#ifdef REVERIE_HAS_VIEWER

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "contract/scripted_policy.h"
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

void add_view(CommandLine& line, Shell& /*shell*/) {
  Command command = line.add("view", "simulator and dream side by side, in a window or into files");
  auto options = std::make_shared<Options>();
  viewer::ViewOptions& view = options->view;
  command.option("words", &options->words, "[RUN|TASK] [think=0|1|2|3|adaptive] [seed=N] [device=D]");
  command.option("--headless", &view.headless, "no window: needs --screenshot or --video, and no display");
  command.option("--screenshot", &options->screenshot, "PNG of the last frame");
  command.option("--video", &options->video, "MP4");
  command.option("--seconds", &view.seconds, "headless: length");
  command.option("--speed", &view.speed, "simulated seconds a second");
  command.option("--anchor-every", &view.anchor_every,
                 "control steps between putting the dream back on physics; 0: never");
  command.option("--width", &view.width, "pixels");
  command.option("--height", &view.height, "pixels");
  command.option("--checkpoint", &options->checkpoint, "last, best or a step");
  command.option("--policy", &view.policy, "of a task without a run: " + contract::scripted_names());
  command.footer(
      "Examples:\n"
      "  reverie view runs/demo-seed1\n"
      "  reverie view dmc/reacher-easy --policy zero\n"
      "  reverie view runs/demo-seed1 --headless --screenshot twin.png --video twin.mp4");
  command.action([options] { return view_command(*options); });
}

}  // namespace reverie::apps
#endif
