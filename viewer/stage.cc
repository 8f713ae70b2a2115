#include "viewer/stage.h"

#include <algorithm>
#include <utility>

#include "evaluation/curves/learning_curve.h"
#include "sim/model.h"
#include "sim/task/task.h"
#include "training/run_directory.h"
#include "viewer/beside.h"
#include "viewer/task_parts.h"

namespace reverie::viewer {

namespace {

namespace fs = std::filesystem;

constexpr double kWatchSeconds = 0.5;
constexpr size_t kMostOffers = 12;  // runs
constexpr double kNoticeSeconds = 6;

// Runs below `folder`, the one that was changed last first, then all tasks.
std::vector<std::string> offers(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, std::string>> runs;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (training::is_run_directory(entry.path()))
      runs.emplace_back(fs::last_write_time(entry.path(), none), entry.path().string());
  }
  std::ranges::sort(runs, std::greater());
  if (runs.size() > kMostOffers) runs.resize(kMostOffers);
  std::vector<std::string> names;
  names.reserve(runs.size());
  for (auto& [time, name] : runs) names.push_back(std::move(name));
  std::ranges::move(sim::list_tasks(), std::back_inserter(names));
  return names;
}

// What was said of one thing means nothing to another one.
void forget_particulars(ViewOptions& options) {
  const ViewOptions usual;
  options.checkpoint = usual.checkpoint;
  options.data = usual.data;
  options.beside = usual.beside;
  options.start = usual.start;
  options.acts = usual.acts;
  options.think = usual.think;
  options.policy = usual.policy;
}

// What the user set up stays as it is when something else is opened.
void keep_view(const ViewerContext& from, ViewerContext& to) {
  to.playback.paused = from.playback.paused;
  to.playback.speed = from.playback.speed;
  to.playback.loop = from.playback.loop;
  to.show_ghost = from.show_ghost;
  to.colour_by_error = from.colour_by_error;
  to.ghost_opacity = from.ghost_opacity;
  to.scene = from.scene;
  to.layout = from.layout;
  to.films = from.films;
  to.caption = from.caption;
}

}  // namespace

Stage::Stage(Surface& surface, Opened opened, ViewOptions options, Pace pace)
    : surface_(surface),
      options_(std::move(options)),
      pace_(pace),
      capture_(options_.captures),
      trainer_(options_.program) {
  show(std::move(opened));
  if (!options_.layout.empty()) context().layout = layout_ = read_layout(options_.layout);
  go_to_start();
}

Stage::~Stage() {
  keep_layout();
  if (capture_.films()) capture_.start_or_end_film(surface_);
}

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
  if (session_) {
    note_arrangement();
    keep_view(session_->context(), context);
  }
  context.nothing_open = opened.what.empty();
  if (context.nothing_open) context.offers = offers(options_.runs);
  context.openable = what_can_be_opened();
  watch_files(opened.what);
  session_ = std::move(session);  // before what it draws
  twin_ = std::move(twin);
  opened_ = std::move(opened);
  session_->context().of_task = opened_.task != nullptr;
  read_training();
}

void Stage::open(const std::string& what) {
  std::string error;
  try {
    ViewOptions options = options_;
    if (what != opened_.what) forget_particulars(options);
    show(viewer::open(what, options));
    options_ = std::move(options);
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
  if (!opened_.run) return;
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
  context.dreams = run_names(opened_);
  context.actors = possible_actors(opened_, context.twin.spec(), context.twin.control_steps());
  let_act(find_actor(context.actors, actor));
  const bool follow = context.checkpoints.follow;
  context.checkpoints = checkpoints_of(*opened_.run);
  context.checkpoints.follow = follow;
  context.subtitle = run_subtitle(*opened_.run);
  context.checkpoint_step = opened_.run->env_steps;
  context.learning = evaluation::read_learning_curve(opened_.run->path);
  read_training();
}

void Stage::take_requests() {
  for (const std::string& path : surface_.take_dropped()) session_->context().asked.open = path;
  ViewerContext& context = session_->context();
  const Asked asked = std::exchange(context.asked, {});
  if (asked.actor >= 0 && asked.actor < std::ssize(context.actors)) let_act(asked.actor);
  if (opened_.run && asked.checkpoint >= 0 && asked.checkpoint < std::ssize(context.checkpoints.names))
    show_checkpoint(context.checkpoints.names[static_cast<size_t>(asked.checkpoint)]);
  if (asked.picture) tell(capture_.picture(surface_));
  if (asked.film) tell(capture_.start_or_end_film(surface_));
  if (asked.copy_command) {
    const std::string command = command_of(opened_, context, options_);
    ImGui::SetClipboardText(command.c_str());
    tell("copied: " + command);
  }
  if (asked.training != TrainingRequest::kNone) train(asked.training);
  if (!asked.open.empty()) open(asked.open);
}

void Stage::watch_run() {
  if (!opened_.run) return;
  ViewerContext& context = session_->context();
  const bool follow = context.checkpoints.follow;
  const std::string newest = context.checkpoints.names.empty() ? "" : context.checkpoints.names.back();
  Checkpoints now = checkpoints_of(*opened_.run);
  if (now.live) read_training();
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
  watch_training();
  keep_layout();
}

void Stage::go_to_start() {
  if (options_.episode == 0 && options_.step == 0) return;
  ViewerContext& context = session_->context();
  if (options_.step > 0) context.playback.paused = true;
  context.stepper.request([episode = options_.episode, step = options_.step](Twin& twin, Playback& playback) {
    if (step > 0) playback.paused = true;
    twin.reset(episode);
    while (!twin.done() && twin.steps() * twin.control_steps() < step) twin.step();
  });
}

void Stage::tell(std::string notice) {
  session_->context().notice = std::move(notice);
  notice_left_ = kNoticeSeconds;
}

void Stage::read_training() {
  ViewerContext& context = session_->context();
  context.glance.reset();
  if (!opened_.run || !training::is_run_directory(opened_.run->path)) return;
  try {
    context.glance = read_glance(opened_.run->path);
  } catch (const base::UserError& failed) {  // e.g. a line that is being written
    tell(failed.what());
  }
}

void Stage::train(TrainingRequest request) {
  try {
    if (request == TrainingRequest::kPause) {
      trainer_.pause();
      tell("the training writes a checkpoint and pauses");
    } else if (request == TrainingRequest::kResume && opened_.run) {
      const std::filesystem::path run = opened_.run->path;
      trainer_.start({"--resume", run.string()}, run / "viewer-train.log");
    } else if (request == TrainingRequest::kStart && opened_.task) {
      begun_ = training::fresh_run_path(options_.runs, opened_.task->spec().task);
      std::filesystem::create_directories(options_.runs);
      std::filesystem::path log = begun_;
      log += ".log";
      trainer_.start({"--task", opened_.what, "--out", begun_.string()}, log);
      tell("training into " + begun_.string());
    }
  } catch (const base::UserError& failed) {
    session_->context().error = failed.what();
  }
  watch_training();
}

void Stage::watch_training() {
  ViewerContext& context = session_->context();
  const bool ours = trainer_.running();
  context.training = ours                       ? TrainingState::kOurs
                     : context.checkpoints.live ? TrainingState::kOthers
                                                : TrainingState::kIdle;
  if (!trainer_.failure().empty()) {
    context.error = trainer_.failure();
    trainer_.forget_failure();
  }
  if (begun_.empty()) return;
  std::error_code none;
  if (std::filesystem::exists(begun_ / "checkpoints/last", none)) open(std::exchange(begun_, {}).string());
}

// What the mouse did to windows becomes a part of the layout.
void Stage::note_arrangement() {
  ViewerContext& context = session_->context();
  if (context.docking.knows(context.layout.docking)) context.layout.docking = context.docking.arrangement();
}

void Stage::keep_layout() {
  note_arrangement();
  const LayoutSettings& layout = session_->context().layout;
  if (options_.layout.empty() || layout == layout_) return;
  layout_ = layout;
  if (const std::string refused = write_layout(options_.layout, layout); !refused.empty()) tell(refused);
}

void Stage::after_frame(double seconds) {
  if (const std::string said = capture_.after_frame(surface_, seconds); !said.empty()) tell(said);
  ViewerContext& context = session_->context();
  context.films = capture_.films();
}

void Stage::prepare(double seconds) {
  const bool told = notice_left_ > 0;
  if (told) notice_left_ -= seconds;
  if (told && notice_left_ <= 0) session_->context().notice.clear();
  take_requests();
  since_watch_ += seconds;
  if (since_watch_ >= kWatchSeconds) watch();
}

bool Stage::frame(double seconds, Draw draw) {
  const double passed = seconds < 0 ? surface_.frame_seconds() : seconds;
  prepare(passed);
  if (!session_->frame(seconds, draw)) return false;
  after_frame(passed);
  return true;
}

void Stage::advance(double seconds) {
  prepare(seconds);
  session_->advance(seconds);
}

}  // namespace reverie::viewer
