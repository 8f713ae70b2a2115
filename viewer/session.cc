#include "viewer/session.h"

#include <GL/gl.h>
#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "contract/mechanics.h"
#include "render/pose.h"
#include "render/scene_renderer.h"
#include "training/memory_plan.h"
#include "viewer/fan_view.h"
#include "viewer/mouse_hands.h"
#include "viewer/panels/panels.h"
#include "viewer/stopwatch.h"
#include "viewer/stored_state.h"

namespace reverie::viewer {

namespace {

// What no world tells, such as mocap bodies, is as in the state of physics that is shown, or as at first once physics broke.
void pose_like(const mjModel* model, mjData* data, const TwinView& twin, const ShownState& shown) {
  const std::vector<double>& now = twin.physics_state();
  const bool sound = std::ranges::all_of(now, [](double value) { return std::isfinite(value); });
  render::set_pose(model, data, sound ? now : twin.start_physics(), shown.positions, shown.velocities);
}

// A name for each number of the model's sensors, without their values.
std::vector<SensorNumber> sensor_numbers(const mjModel* model) {
  const std::vector<std::string> names = sim::object_names(model, mjOBJ_SENSOR);
  std::vector<SensorNumber> numbers(static_cast<size_t>(model->nsensordata));
  for (size_t i = 0; i < names.size(); ++i) {
    const int count = model->sensor_dim[i];
    for (int k = 0; k < count; ++k) {
      std::string name = names[i].empty() ? fmt::format("sensor {}", i) : names[i];
      if (count > 1) name += fmt::format(" {}", k);
      numbers[static_cast<size_t>(model->sensor_adr[i]) + static_cast<size_t>(k)].name = std::move(name);
    }
  }
  return numbers;
}

void add(FrameTimes& times, const FrameTimes& frame) {
  const auto count = static_cast<double>(++times.frames);
  times.panels += (frame.panels - times.panels) / count;
  times.scenes += (frame.scenes - times.scenes) / count;
  times.worlds += (frame.worlds - times.worlds) / count;
  times.shown += (frame.shown - times.shown) / count;
}

// A dream is drawn where physics is: no model knows how far a robot has come on an endless floor, and the evaluation
// compares poses in the same way. While the dream steps alone there is no such place.
ShownState where_physics_is(const TwinView& twin, ShownState dream, bool alone) {
  const auto& mechanics = twin.spec().mechanics;
  if (mechanics == nullptr || alone) return dream;
  for (const int i : mechanics->ignored)
    dream.positions[static_cast<size_t>(i)] = twin.physics().positions[static_cast<size_t>(i)];
  return dream;
}

// What takes much memory: another one leaves freed memory behind.
struct Shown {
  int width = 0, height = 0;  // of the surface
  uint64_t generation = 0;    // of the history
  const Fan* fan = nullptr;

  bool operator==(const Shown&) const = default;
};

}  // namespace

struct Session::Impl {
  Surface& surface;
  const mjModel* model;
  render::SceneRenderer renderer;
  sim::DataPtr physics, dream, scratch;
  std::vector<sim::DataPtr> others;  // the dreams beside the first one
  render::RenderTarget physics_target, dream_target;
  std::vector<std::unique_ptr<render::RenderTarget>> other_targets;
  std::vector<Panel> panels = all_panels();
  Stepper stepper;
  ViewerContext context;
  FrameTimes times;      // of this frame
  ProcessorWatch watch;  // of its scenes
  Shown shown;           // in the last frame
  MouseHands hands;
  Playback posted;  // what the stepper was told last
  Steering posted_steering;

  Impl(Surface& surface, Twin& twin, const mjModel* model, const SessionOptions& options)
      : surface(surface),
        model(model),
        renderer(model),
        physics(sim::make_data(model)),
        dream(sim::make_data(model)),
        scratch(sim::make_data(model)),
        stepper(twin, {.speed = options.speed}, options.pace),
        context{.stepper = stepper,
                .twin = {},
                .fonts = surface.fonts(),
                .title = options.title,
                .subtitle = options.subtitle,
                .learning = options.learning,
                .checkpoint_step = options.checkpoint_step,
                .actors = options.actors,
                .actor = options.actor,
                .checkpoints = options.checkpoints,
                .dreams = options.dreams,
                .playback = {.speed = options.speed},
                .forking = {.file = options.fork_file},
                .drive = {.controls = options.drive, .pushes = {}}},
        hands(model, renderer),
        posted(context.playback) {
    stepper.update(context.twin);
    for (size_t i = 0; i < context.twin.others().size(); ++i) {
      others.push_back(sim::make_data(model));
      other_targets.push_back(std::make_unique<render::RenderTarget>());
    }
    context.other_views.resize(others.size());
    context.cameras = {"usual view"};
    context.bodies = sim::object_names(model, mjOBJ_BODY);
    context.keys = keys_of(model);
    context.sensors = sensor_numbers(model);
    for (const std::string& name : sim::object_names(model, mjOBJ_CAMERA))
      context.cameras.push_back(name.empty() ? fmt::format("camera {}", context.cameras.size()) : name);
  }

  // What is no longer shown gives its memory back.
  void give_back() {
    const Shown now{surface.width(), surface.height(), context.twin.generation(), context.twin.fan()};
    if (now == shown) return;
    if (now.width != shown.width || now.height != shown.height) renderer.shrink();
    shown = now;
    training::give_back_memory();
  }

  void pass(double seconds) {
    if (context.playback != posted) {
      stepper.request([wanted = context.playback](Twin&, Playback& mine) { follow(mine, wanted); });
      Playback& mine = context.playback;
      mine.single_steps = 0;
      mine.restart = mine.next = mine.anchor = mine.replay = false;
      posted = mine;
    }
    if (context.steering != posted_steering) {
      posted_steering = context.steering;
      stepper.request([steering = context.steering](Twin& t, Playback&) { t.steering = steering; });
    }
    stepper.advance(seconds);
    stepper.update(context.twin);
  }

  void place() {
    context.placed = place_panels(panels, context, static_cast<float>(surface.width()),
                                  static_cast<float>(surface.height()));
  }

  void apply_camera() {
    CameraMotion& camera = context.camera;
    if (camera.reset) camera.choose = 0;
    if (camera.choose == 0) renderer.reset_camera();
    if (camera.choose > 0) renderer.choose_camera(camera.choose - 1);
    if (camera.choose >= 0) context.camera_shown = camera.choose;
    if (camera.action != 0) {
      renderer.move_camera(camera.action, camera.dx, camera.dy);
      context.camera_shown = -1;
    }
    camera = {};
  }

  // Of physics as it is shown: the robot that the mouse moves is where it was moved to.
  const std::vector<double>& state_shown() const {
    return hands.moved().empty() ? context.twin.physics_state() : hands.moved();
  }

  // Contacts and forces follow from the whole state.
  void compute_forces() { forward(model, physics.get(), state_shown()); }

  void apply_grab() {
    if (context.grab.select || context.grab.held) pose_worlds();
    hands.apply(context, physics.get(), dream.get());
  }

  void read_selection() {
    if (context.selected > 0) pose_physics();
    hands.read_selection(context, physics.get());
  }

  void apply_keys() {
    const KeyRequest asked = std::exchange(context.key_request, {});
    const TwinView& twin = context.twin;
    if (asked.keep) {
      context.key = static_cast<int>(context.keys.size());
      context.keys.push_back(key_at(model, twin.physics_state(), fmt::format("kept {}", context.key)));
    }
    if (!asked.load) return;
    context.playback.paused = true;
    const Key& key = context.keys[static_cast<size_t>(context.key)];
    stepper.request([step = twin.looked_at() >= 0 ? twin.looked_at() : twin.steps(),
                     state = state_at(model, key, twin.physics_state())](Twin& t, Playback& playback) {
      playback.paused = true;
      t.fork(std::min(step, t.steps()), {.state = state});
    });
  }

  void read_sensors() {
    if (context.rect("sensors").size.x < 1 || context.sensors.empty()) return;
    pose_worlds();
    const auto read = [&](double SensorNumber::*world, const ShownState& shown) {
      forward(model, scratch.get(), context.twin.physics_state(), shown.positions, shown.velocities);
      for (size_t i = 0; i < context.sensors.size(); ++i) {
        SensorNumber& one = context.sensors[i];
        one.*world = scratch->sensordata[i];
        one.largest = std::max(one.largest, std::abs(one.*world));
      }
    };
    read(&SensorNumber::physics, context.twin.physics());
    if (context.twin.has_dream()) read(&SensorNumber::dream, context.twin.dream());
  }

  void pose_physics() {
    if (hands.moved().empty()) return pose_like(model, physics.get(), context.twin, context.twin.physics());
    forward(model, physics.get(), hands.moved());
  }

  void pose_worlds() {
    const TwinView& twin = context.twin;
    pose_physics();
    const bool alone = !context.steering.physics_on && twin.behind() > 0;
    if (twin.has_dream()) pose_like(model, dream.get(), twin, where_physics_is(twin, twin.dream(), alone));
    for (size_t i = 0; i < others.size(); ++i)
      pose_like(model, others[i].get(), twin, where_physics_is(twin, twin.others()[i].shown, alone));
  }

  void apply_switches() {
    for (size_t i = 0; i < kSceneSwitches.size(); ++i) {
      const SceneSwitch& one = kSceneSwitches[i];
      if (one.rendering) {
        renderer.set_rendering(one.flag, context.scene[i]);
      } else {
        renderer.set_visual(one.flag, context.scene[i]);
      }
    }
  }

  void draw_view(const Rect& rect, render::RenderTarget& target, SceneView& view) {
    const int width = std::max(static_cast<int>(rect.size.x), 1);
    const int height = std::max(static_cast<int>(rect.size.y), 1);
    times.scenes += watch.lap();
    ClockWatch drawing;
    renderer.draw(width, height);
    renderer.copy_to(target);
    times.worlds += drawing.lap();
    watch.lap();
    view = {target.texture(), width, height};
  }

  // The dreams over the robot.
  void add_ghosts() {
    render::GhostStyle style;
    // Of several dreams the colour tells which one it is.
    if (context.colour_by_error && others.empty()) style.reference = physics.get();
    style.colour[3] = style.far_colour[3] = context.ghost_opacity;
    renderer.add_ghost(dream.get(), style);
    for (size_t i = 0; i < others.size(); ++i) {
      const ImVec4 colour = dream_colour(i + 1);
      style.colour = {0.7f * colour.x, 0.7f * colour.y, 0.7f * colour.z, context.ghost_opacity};
      renderer.add_ghost(others[i].get(), style);
    }
  }

  // The dream `data` alone.
  void draw_dream(mjData* data, ImVec4 colour, const Fan* fan) {
    renderer.begin(data, true);
    if (fan != nullptr) {
      add_traces(renderer, *fan);
      add_snapshots(renderer, *fan, context.twin, model, scratch.get());
    }
    renderer.add_ghost(
        data, {.colour = {colour.x, colour.y, colour.z, 1.0f}, .swell = 1.0f, .glow = 0.0f, .tint = 0.75f});
  }

  void draw_others() {
    const Rect all = context.rect("dreams beside");
    for (size_t i = 0; i < others.size(); ++i) {
      const ImVec4 colour = dream_colour(i + 1);
      draw_dream(others[i].get(), {0.7f * colour.x, 0.7f * colour.y, 0.7f * colour.z, 1.0f}, nullptr);
      draw_view(tile_of(all, i, others.size()), *other_targets[i], context.other_views[i]);
    }
  }

  void draw_scenes() {
    watch.lap();
    const TwinView& twin = context.twin;
    pose_worlds();
    const Fan* fan = hands.moved().empty() ? twin.fan() : nullptr;
    if (fan != nullptr) {
      pose_at(*fan, fan->simulated, context.fan_h, twin, model, physics.get());
      pose_at(*fan, fan->imagined, context.fan_h, twin, model, dream.get());
    }
    apply_switches();
    if (fan == nullptr && (context.scene[0] || context.scene[1])) compute_forces();
    renderer.begin(physics.get());
    if (fan != nullptr) add_traces(renderer, *fan);
    if (twin.has_dream() && context.show_ghost) add_ghosts();
    draw_view(context.rect("physics"), physics_target, context.physics_view);
    if (!twin.has_dream()) return;
    draw_dream(dream.get(), {0.50f, 0.33f, 0.90f, 1.0f}, fan);
    draw_view(context.rect("dream"), dream_target, context.dream_view);
    draw_others();
  }
};

Session::Session(Surface& surface, Twin& twin, const mjModel_* model, const SessionOptions& options)
    : impl_(std::make_unique<Impl>(surface, twin, model, options)) {}

Session::~Session() = default;

ViewerContext& Session::context() { return impl_->context; }
const ViewerContext& Session::context() const { return impl_->context; }

void Session::advance(double seconds) { impl_->pass(seconds); }

bool Session::frame(double seconds, Draw draw) {
  Impl& s = *impl_;
  ViewerContext& context = s.context;
  context.docking.prepare(context.layout.docking);
  if (!s.surface.begin_frame()) return false;
  show_theme(context.layout.light);
  s.times = {};
  ProcessorWatch watch;
  s.place();
  handle_keys(context);
  read_pushes(context);
  s.times.panels = watch.lap();
  s.apply_grab();
  s.apply_keys();
  s.pass(seconds < 0 ? s.surface.frame_seconds() : seconds);
  s.give_back();
  s.apply_camera();
  s.read_selection();
  s.read_sensors();
  if (draw == Draw::kAll) s.draw_scenes();
  watch.lap();
  draw_panels(context);
  s.times.panels += watch.lap();
  ClockWatch showing;
  s.surface.end_frame();
  s.times.shown = showing.lap();
  add(context.times, s.times);
  context.buffer_pixels = s.renderer.buffer_pixels();
  if (glGetError() != GL_NO_ERROR) ++context.gl_errors;
  return true;
}

}  // namespace reverie::viewer
