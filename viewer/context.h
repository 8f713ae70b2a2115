// What the panels see and may change. A panel is a free function over this struct, in a file of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viewer/layout.h"
#include "viewer/playback.h"
#include "viewer/style.h"
#include "viewer/twin.h"

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
};

// Simulated return over training.
struct LearningCurve {
  std::vector<double> steps;    // control steps
  std::vector<double> returns;  // mean simulated return
  double checkpoint_step = -1;  // of the agent shown; < 0: unknown
};

struct ViewerContext {
  Twin& twin;
  Fonts fonts;
  Layout layout;
  std::string title;     // what is shown: task
  std::string subtitle;  // run, checkpoint, policy
  LearningCurve learning;
  Playback playback;
  SceneView physics_view, dream_view;
  CameraMotion camera;
  bool show_ghost = true;
  bool colour_by_error = true;  // ghost geoms turn red with their distance from the robot's
  float ghost_opacity = 0.34f;
};

}  // namespace reverie::viewer
