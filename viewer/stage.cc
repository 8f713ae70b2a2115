#include "viewer/stage.h"

#include <algorithm>
#include <utility>

#include "evaluation/curves/learning_curve.h"
#include "sim/model.h"
#include "sim/task/task.h"
#include "training/run_directory.h"
#include "viewer/task_parts.h"

namespace reverie::viewer {

namespace {

namespace fs = std::filesystem;

constexpr double kWatchSeconds = 0.5;
constexpr size_t kMostRuns = 12;  // offered

// Runs below `folder`, the one that was changed last first, then all tasks.
std::vector<std::string> offers(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, std::string>> runs;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (training::is_run_directory(entry.path()))
      runs.emplace_back(fs::last_write_time(entry.path(), none), entry.path().string());
  }
  std::ranges::sort(runs, std::greater());
  if (runs.size() > kMostRuns) runs.resize(kMostRuns);
  std::vector<std::string> names;
  for (auto& [time, name] : runs) names.push_back(std::move(name));
  std::ranges::move(sim::list_tasks(), std::back_inserter(names));
  return names;
}

// What the user set up stays as it is when something else is opened.
void keep_view(const ViewerContext& from, ViewerContext& to) {
  to.playback.paused = from.playback.paused;
  to.playback.speed = from.playback.speed;
  to.playback.loop = from.playback.loop;
  to.show_ghost = from.show_ghost;
  to.colour_by_error = from.colour_by_error;
  to.ghost_opacity = from.ghost_opacity;
}

}  // namespace

Stage::Stage(Surface& surface, Opened opened, ViewOptions options, Pace pace)
    : surface_(surface), options_(std::move(options)), pace_(pace) {
  show(std::move(opened));
}

Stage::~Stage() = default;

void Stage::watch_files(const std::string& what) {
  watched_ = what;
  times_.clear();
  std::error_code none;
  for (const fs::path& file : files_behind(what)) times_[file] = fs::last_write_time(file, none);
}

bool Stage::files_changed() const {
  std::error_code none;
  return std::ranges::any_of(
      times_, [&](const auto& one) { return fs::last_write_time(one.first, none) != one.second; });
}

void Stage::show(Opened opened) {
  const int anchor_every = session_ ? session_->context().twin.anchor_every() : options_.anchor_every;
  auto twin = std::make_unique<Twin>(std::move(opened.parts));
  twin->anchor_every = anchor_every;
  opened.session.speed = options_.speed;
  opened.session.pace = pace_;
  auto session = std::make_unique<Session>(surface_, *twin, opened.model.get(), opened.session);
  ViewerContext& context = session->context();
  if (session_) keep_view(session_->context(), context);
  context.nothing_open = opened.what.empty();
  if (context.nothing_open) context.offers = offers(options_.runs);
  context.openable = what_can_be_opened();
  watch_files(opened.what);
  session_ = std::move(session);  // before what it draws
  twin_ = std::move(twin);
  opened_ = std::move(opened);
}

void Stage::open(const std::string& what) {
  std::string error;
  try {
    show(viewer::open(what, options_));
    return;
  } catch (const base::UserError& failed) {
    error = failed.what();
  } catch (const sim::PhysicsError& failed) {
    error = what + ": " + failed.what();
  }
  session_->context().error = error;
  watch_files(what);
}

void Stage::let_act(int actor) {
  ViewerContext& context = session_->context();
  context.actor = actor;
  context.stepper.request([make = context.actors[static_cast<size_t>(actor)].make](Twin& twin, Playback&) {
    twin.act_by(make());
  });
}

void Stage::show_checkpoint(const std::string& name) {
  ViewerContext& context = session_->context();
  try {
    training::Run run = training::open_run(opened_.run->path, name, options_.device);
    opened_.run = std::move(run);
  } catch (const base::UserError& failed) {
    context.error = failed.what();
    return;
  }
  const std::string actor = context.actors[static_cast<size_t>(context.actor)].name;
  context.stepper.request([agent = opened_.run->agent](Twin& twin, Playback&) {
    FanParts fan;
    add_fan_dream(fan, agent);
    twin.dream_by(agent->imagined_world(), {std::move(fan.dream), std::move(fan.policy)});
  });
  context.actors = possible_actors(opened_, context.twin.control_steps());
  let_act(find_actor(context.actors, actor));
  const bool follow = context.checkpoints.follow;
  context.checkpoints = checkpoints_of(*opened_.run);
  context.checkpoints.follow = follow;
  context.subtitle = run_subtitle(*opened_.run);
  context.checkpoint_step = opened_.run->env_steps;
  context.learning = evaluation::read_learning_curve(opened_.run->path);
}

void Stage::take_requests() {
  for (const std::string& path : surface_.take_dropped()) session_->context().asked.open = path;
  ViewerContext& context = session_->context();
  const Asked asked = std::exchange(context.asked, {});
  if (asked.actor >= 0 && asked.actor < std::ssize(context.actors)) let_act(asked.actor);
  if (opened_.run && asked.checkpoint >= 0 && asked.checkpoint < std::ssize(context.checkpoints.names))
    show_checkpoint(context.checkpoints.names[static_cast<size_t>(asked.checkpoint)]);
  if (!asked.open.empty()) open(asked.open);
}

void Stage::watch_run() {
  ViewerContext& context = session_->context();
  const bool follow = context.checkpoints.follow;
  const std::string newest = context.checkpoints.names.empty() ? "" : context.checkpoints.names.back();
  Checkpoints now = checkpoints_of(*opened_.run);
  now.follow = follow;
  context.checkpoints = std::move(now);
  if (context.checkpoints.names.empty() || context.checkpoints.names.back() == newest) return;
  context.learning = evaluation::read_learning_curve(opened_.run->path);
  if (follow) show_checkpoint(context.checkpoints.names.back());
}

void Stage::watch() {
  since_watch_ = 0;
  if (files_changed()) {
    open(std::string(watched_));
  } else if (opened_.run) {
    watch_run();
  }
}

void Stage::prepare(double seconds) {
  take_requests();
  since_watch_ += seconds;
  if (since_watch_ >= kWatchSeconds) watch();
}

bool Stage::frame(double seconds, Draw draw) {
  prepare(seconds < 0 ? surface_.frame_seconds() : seconds);
  return session_->frame(seconds, draw);
}

void Stage::advance(double seconds) {
  prepare(seconds);
  session_->advance(seconds);
}

}  // namespace reverie::viewer
