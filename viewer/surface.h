// Surface: where frames go, a window on the desktop or memory.
// It owns an OpenGL context, current while it lives, and the one ImGui and ImPlot context that draws on it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "render/image.h"
#include "viewer/style.h"

namespace reverie::viewer {

inline constexpr int kMostWidth = 7680, kMostHeight = 4320;  // pixels of what is drawn

class Surface {
 public:
  virtual ~Surface() = default;

  // Start an ImGui frame; false when the user closed the window.
  virtual bool begin_frame() = 0;
  // Draw what ImGui collected since begin_frame() and show it.
  virtual void end_frame() = 0;

  virtual void resize(int width, int height) = 0;  // pixels; a window's manager may refuse
  virtual int width() const = 0;                   // pixels
  virtual int height() const = 0;                  // pixels
  virtual double frame_seconds() const = 0;  // between the last two begin_frame(): wall clock, or scripted
  virtual const Fonts& fonts() const = 0;
  virtual render::Image read() = 0;                               // the frame last shown
  virtual std::vector<std::string> take_dropped() { return {}; }  // paths dropped on it since the last call
};

// No display: frames stay in memory and each one lasts `frame_seconds`. Throws UserError when there
// is no OpenGL at all.
std::unique_ptr<Surface> make_offscreen_surface(int width, int height, double frame_seconds);

// A GLFW window. Throws UserError when there is no display to open it on.
std::unique_ptr<Surface> make_window_surface(int width, int height, const char* title);

}  // namespace reverie::viewer
