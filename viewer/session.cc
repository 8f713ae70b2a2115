#include "viewer/session.h"

#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "render/pose.h"
#include "render/scene_renderer.h"
#include "viewer/fan_view.h"
#include "viewer/panels/panels.h"

namespace reverie::viewer {

namespace {

void pose_like(const mjModel* model, mjData* data, const TwinView& twin, const ShownState& shown) {
  render::set_pose(model, data, twin.start_physics(), shown.positions, shown.velocities);
}

class Stopwatch {
 public:
  double lap() {  // seconds since the last one
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

void add(FrameTimes& times, double panels, double worlds, double shown) {
  ++times.frames;
  times.panels += (panels - times.panels) / static_cast<double>(times.frames);
  times.worlds += (worlds - times.worlds) / static_cast<double>(times.frames);
  times.shown += (shown - times.shown) / static_cast<double>(times.frames);
}

}  // namespace

struct Session::Impl {
  Surface& surface;
  const mjModel* model;
  render::SceneRenderer renderer;
  sim::DataPtr physics, dream, scratch;
  render::RenderTarget physics_target, dream_target;
  std::vector<Panel> panels = all_panels();
  Stepper stepper;
  ViewerContext context;
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
                .playback = {.speed = options.speed},
                .forking = {.file = options.fork_file},
                .drive = {.controls = options.drive, .pushes = {}}},
        posted(context.playback) {
    stepper.update(context.twin);
    context.cameras = {"usual view"};
    for (const std::string& name : sim::object_names(model, mjOBJ_CAMERA))
      context.cameras.push_back(name.empty() ? fmt::format("camera {}", context.cameras.size()) : name);
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

  // Contacts and forces follow from the whole state.
  void compute_forces() {
    const auto& state = context.twin.physics_state();
    if (std::ssize(state) != mj_stateSize(model, mjSTATE_INTEGRATION)) return;
    mj_setState(model, physics.get(), state.data(), mjSTATE_INTEGRATION);
    try {
      mj_forward(model, physics.get());
    } catch (const sim::PhysicsError&) {  // then there are none to draw
    }
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
    renderer.draw(width, height);
    renderer.copy_to(target);
    view = {target.texture(), width, height};
  }

  void draw_scenes() {
    const TwinView& twin = context.twin;
    pose_like(model, physics.get(), twin, twin.physics());
    if (twin.has_dream()) pose_like(model, dream.get(), twin, twin.dream());
    const Fan* fan = twin.fan();
    if (fan != nullptr) {
      pose_at(*fan, fan->simulated, context.fan_h, twin, model, physics.get());
      pose_at(*fan, fan->imagined, context.fan_h, twin, model, dream.get());
    }
    apply_switches();
    if (fan == nullptr && (context.scene[0] || context.scene[1])) compute_forces();
    renderer.begin(physics.get());
    if (fan != nullptr) add_traces(renderer, *fan);
    if (twin.has_dream() && context.show_ghost) {
      render::GhostStyle style;
      style.colour[3] = style.far_colour[3] = context.ghost_opacity;
      if (context.colour_by_error) style.reference = physics.get();
      renderer.add_ghost(dream.get(), style);
    }
    draw_view(context.rect("physics"), physics_target, context.physics_view);
    if (!twin.has_dream()) return;
    renderer.begin(dream.get(), true);
    if (fan != nullptr) {
      add_traces(renderer, *fan);
      add_snapshots(renderer, *fan, twin, model, scratch.get());
    }
    renderer.add_ghost(dream.get(),
                       {.colour = {0.50f, 0.33f, 0.90f, 1.0f}, .swell = 1.0f, .glow = 0.0f, .tint = 0.75f});
    draw_view(context.rect("dream"), dream_target, context.dream_view);
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
  if (!s.surface.begin_frame()) return false;
  ViewerContext& context = s.context;
  show_theme(context.layout.light);
  Stopwatch watch;
  s.place();
  handle_keys(context);
  read_pushes(context);
  double panels = watch.lap();
  s.pass(seconds < 0 ? s.surface.frame_seconds() : seconds);
  s.apply_camera();
  watch.lap();
  if (draw == Draw::kAll) s.draw_scenes();
  const double worlds = watch.lap();
  draw_panels(context);
  panels += watch.lap();
  s.surface.end_frame();
  add(context.times, panels, worlds, watch.lap());
  return true;
}

}  // namespace reverie::viewer
