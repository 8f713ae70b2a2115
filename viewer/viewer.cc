#include "viewer/viewer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "evaluation/rollout.h"
#include "sim/env.h"
#include "viewer/headless.h"
#include "viewer/opening.h"
#include "viewer/stage.h"

namespace reverie::viewer {

namespace {

bool headless(const ViewOptions& options) {
  return options.headless || !options.screenshot.empty() || !options.video.empty() || !options.script.empty();
}

void check_record(const ViewOptions& options) {
  if (!headless(options))
    base::throw_user_error("view --record: give --headless too; a window is not recorded");
  if (options.real_time)
    base::throw_user_error("view --record: not with --real-time, whose steps would wait for the disk");
  if (!options.beside.empty())
    base::throw_user_error("view --record: one dream is recorded; '{}' is shown beside it",
                           options.beside.front());
}

void check(const ViewOptions& options) {
  if (options.headless && options.screenshot.empty() && options.video.empty() && options.script.empty() &&
      options.record.empty()) {
    base::throw_user_error(
        "view --headless writes nothing: give --screenshot FILE.png, --video FILE.mp4, --record FILE.mcap or "
        "--script FILE");
  }
  if (!options.record.empty()) check_record(options);
  if (options.width < 200 || options.height < 200 || options.width > kMostWidth ||
      options.height > kMostHeight) {
    base::throw_user_error("view: the size must be from 200 x 200 to {} x {} pixels, found {} x {}",
                           kMostWidth, kMostHeight, options.width, options.height);
  }
  if (!(options.seconds >= 0) || options.seconds > 3600) {
    base::throw_user_error("view: seconds must be from 0 to 3600, found {}", options.seconds);
  }
  if (!(options.speed >= kSlowest && options.speed <= kFastest)) {
    base::throw_user_error("view: speed must be from {} to {}, found {}", kSlowest, kFastest, options.speed);
  }
  if (options.anchor_every < 0) {
    base::throw_user_error("view: anchor-every counts control steps, 0 for never; found {}",
                           options.anchor_every);
  }
  for (const auto& path : {options.screenshot, options.video, options.record}) {
    if (!path.parent_path().empty() && !std::filesystem::is_directory(path.parent_path())) {
      base::throw_user_error("{}: directory {} does not exist", path.string(), path.parent_path().string());
    }
  }
}

void show_window(Opened opened, const ViewOptions& options) {
  const std::string title = "Reverie: " + opened.session.title;
  const auto surface = make_window_surface(options.width, options.height, title.c_str());
  Stage stage(*surface, std::move(opened), options, Pace::kRealTime);
  while (stage.frame()) base::check_stop(options.stop);
}

// A window shows why a file that is there cannot be opened, and opens it when it is mended.
void show_window(const std::string& what, const ViewOptions& options) {
  std::error_code none;
  if (what.empty() || !std::filesystem::is_regular_file(what.substr(0, what.find('#')), none))
    return show_window(open(what, options), options);
  const auto surface = make_window_surface(options.width, options.height, ("Reverie: " + what).c_str());
  Stage stage(*surface, opened_nothing(), options, Pace::kRealTime);
  stage.open(what);
  while (stage.frame()) base::check_stop(options.stop);
}

void view(Opened opened, const ViewOptions& options) {
  if (headless(options)) {
    write_files(std::move(opened), options);
  } else {
    show_window(std::move(opened), options);
  }
}

}  // namespace

std::function<contract::Episode(uint64_t)> fresh_starts(const std::shared_ptr<const sim::Task>& task,
                                                        uint64_t seed) {
  auto env = std::make_shared<sim::Env>(task);
  return [env, seed](uint64_t index) {
    const contract::EnvSpec& spec = env->spec();
    contract::Episode episode = contract::make_episode(spec, seed, evaluation::kEvaluationFirstIndex + index);
    env->reset(seed, episode.index);
    episode.observations.resize(static_cast<size_t>(spec.observation_dim));
    std::ranges::transform(env->observation(), episode.observations.begin(),
                           [](double value) { return static_cast<float>(value); });
    episode.signals.assign(env->signals().begin(), env->signals().end());
    episode.physics.resize(static_cast<size_t>(spec.physics_dim));
    env->copy_physics_state(episode.physics);
    episode.task_state.resize(static_cast<size_t>(spec.task_dim));
    env->copy_task_state(episode.task_state);
    return episode;
  };
}

std::function<contract::Episode(uint64_t)> fixed_start(std::shared_ptr<const contract::Episode> row) {
  return [row = std::move(row)](uint64_t) { return *row; };
}

void view(const std::string& what, const ViewOptions& options) {
  check(options);
  if (headless(options)) {
    write_files(open(what, options), options);
  } else {
    show_window(what, options);
  }
}

void view_run(const training::Run& run, const ViewOptions& options) {
  check(options);
  view(opened_run(run, options), options);
}

void view_task(const std::shared_ptr<const sim::Task>& task, const ViewOptions& options) {
  check(options);
  view(opened_task(task, options), options);
}

}  // namespace reverie::viewer
