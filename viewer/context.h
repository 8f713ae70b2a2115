// ViewerContext: what the panels see and may change.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/curves/learning_curve.h"
#include "viewer/actors.h"
#include "viewer/controls.h"
#include "viewer/docking.h"
#include "viewer/drive.h"
#include "viewer/keys.h"
#include "viewer/layout_settings.h"
#include "viewer/panel.h"
#include "viewer/playback.h"
#include "viewer/scene_switches.h"
#include "viewer/stepper.h"
#include "viewer/style.h"
#include "viewer/training_glance.h"
#include "viewer/twin_view.h"

namespace reverie::viewer {

// One picture of a world, drawn before the panels.
struct SceneView {
  unsigned texture = 0;  // OpenGL, bottom row first
  int width = 0, height = 0;
};

// What the user did to the camera this frame; the session applies it.
struct CameraMotion {
  int action = 0;         // mjtMouse; 0: none
  double dx = 0, dy = 0;  // fractions of the view's height
  bool reset = false;
  int choose = -1;  // in ViewerContext::cameras
};

// What the mouse did to bodies this frame; the session carries it out.
struct Grab {
  bool select = false;    // what is at `x`, `y`
  bool dream = false;     // in the picture of the dream
  double x = 0, y = 0;    // fractions of the picture, from its lower left corner
  double aspect = 1;      // of the picture
  bool held = false;      // the mouse holds what is selected
  bool turns = false;     // to turn it instead of pulling it
  int action = 0;         // mjtMouse
  double dx = 0, dy = 0;  // fractions of the view's height
};

// The selected body as physics shows it.
struct Selection {
  bool moves = false;                // the mouse moves it while time stands still
  std::array<double, 3> place = {};  // metres
  // Of its first joint where that slides or turns, m or rad; not a number: it does not, or has no range.
  double joint = std::numeric_limits<double>::quiet_NaN(), low = joint, high = joint;
};

// What was asked about keyframes this frame; the session carries it out.
struct KeyRequest {
  bool load = false;  // ViewerContext::key, as a branch from the step that is shown
  bool keep = false;  // the pose that is shown, as another key
};

// A number of the model's sensors in both worlds.
struct SensorNumber {
  std::string name;
  double physics = 0, dream = 0;
  double largest = 0;  // of all that were seen
};

// How the next fork differs, and where branches are kept.
struct Forking {
  std::vector<float> action = {};  // [A] as it was edited
  int joint = 0;                   // degree of freedom that is moved
  float shift = 0;                 // how far, rad or m
  std::filesystem::path file = "branches.json";
};

// Of the run that is shown.
struct Checkpoints {
  std::vector<std::string> names;  // on the disk, oldest first
  int shown = -1;                  // in names; -1: none of them
  bool live = false;               // a process trains the run now
  bool follow = false;             // show the newest one as soon as it is there
};

// What lies over the views.
enum class Overlay { kNone, kHelp, kPanels };

// Who trains the run that is shown.
enum class TrainingState { kIdle, kOurs, kOthers };
enum class TrainingRequest { kNone, kStart, kPause, kResume };

// What panels and keys ask for; the stage does it before the next frame (viewer/stage.h).
struct Asked {
  std::string open;     // a path or name; empty: nothing
  int checkpoint = -1;  // in Checkpoints::names
  int actor = -1;       // in ViewerContext::actors
  bool picture = false, film = false, copy_command = false;
  TrainingRequest training = TrainingRequest::kNone;
};

// Where the time of frames went, means over all since the session began.
struct FrameTimes {
  int64_t frames = 0;
  double panels = 0.0;  // seconds of the processor: keys and panels, besides OpenGL
  double scenes = 0.0;  // seconds of the processor: poses and scenes, besides OpenGL
  double worlds = 0.0;  // seconds by the clock: OpenGL draws the worlds
  double shown = 0.0;   // seconds by the clock: OpenGL draws the panels, and the picture is handed over
};

struct ViewerContext {
  Stepper& stepper;  // takes commands for the twin
  TwinView twin;     // as it was when this frame began
  Fonts fonts;
  std::vector<PlacedPanel> placed = {};               // of this frame
  std::string title;                                  // what is shown: task
  std::string subtitle;                               // run, checkpoint, policy
  std::optional<evaluation::LearningCurve> learning;  // of the run shown
  int64_t checkpoint_step = -1;                       // control steps that the agent has seen; < 0: unknown
  std::vector<Actor> actors = {};                     // who could act
  int actor = 0;                                      // who does
  Checkpoints checkpoints = {};
  std::vector<std::string> dreams =
      {};  // what each run is called, the first one first; empty: no run is open
  std::vector<std::string> offers = {};    // runs and tasks that could be opened; only while nothing is open
  std::vector<std::string> openable = {};  // kinds of things that can be opened
  bool nothing_open = false;
  std::string error = {};    // why something could not be opened; empty: nothing went wrong
  std::string notice = {};   // what was done; it stands for a few seconds in place of the subtitle
  std::string caption = {};  // what a script says
  Asked asked = {};
  Overlay overlay = Overlay::kNone;
  LayoutSettings layout = {};
  Docking docking = {};                       // where windows that can be moved are
  std::vector<const Panel*> possible = {};    // panels whose needs are met, shown or not
  bool of_task = true;                        // a task is shown, not a bare model
  std::optional<TrainingGlance> glance = {};  // of the run shown
  TrainingState training = TrainingState::kIdle;
  bool films = false;                     // a film is being written
  std::vector<std::string> cameras = {};  // the usual view, then the fixed cameras of the model
  int camera_shown = 0;                   // in cameras; -1: the user moved it
  SceneFlags scene = {};                  // what else is drawn
  int observation_group = 0;              // whose curves are shown
  Playback playback;                      // as the user wants it; the session passes it on
  PhysicsChanges changes = {};            // as the sliders are
  bool changes_edited = false;            // the sliders are not in force yet
  float push = 1.0f;                      // m/s of the next push
  Forking forking = {};
  FanOptions fan_options = {};
  int fan_h = 0;           // step of the fan that is looked at
  Steering steering = {};  // the same
  Drive drive = {};
  Controls controls = {};  // drawn in the last frame
  FrameTimes times = {};
  int64_t gl_errors = 0;      // frames after which OpenGL told of one
  int64_t buffer_pixels = 0;  // of the buffer in which worlds are drawn
  SceneView physics_view = {}, dream_view = {};
  std::vector<SceneView> other_views = {};  // of the dreams beside the first one
  CameraMotion camera = {};
  Grab grab = {};
  int selected = 0;  // body that is selected; 0: none
  Selection selection = {};
  std::vector<std::string> bodies = {};  // names; an empty one has none
  std::vector<Key> keys = {};            // of the model, and those that the user kept
  int key = 0;                           // in keys: which is loaded next
  KeyRequest key_request = {};
  std::vector<SensorNumber> sensors = {};  // read while their panel is shown
  bool show_ghost = true;
  bool colour_by_error = true;  // ghost geoms turn red with their distance from the robot's
  float ghost_opacity = 0.34f;

  // Where panel `name` is in this frame; a size of zero when it is not shown.
  Rect rect(std::string_view name) const {
    for (const PlacedPanel& one : placed) {
      if (name == one.panel->name) return one.rect;
    }
    return {};
  }
};

}  // namespace reverie::viewer
