// Gui: ImGui and ImPlot on the current OpenGL context.
#pragma once

#include "viewer/style.h"

struct ImGuiContext;
struct ImPlotContext;

namespace reverie::viewer {

// Only one Gui may live at a time. A failed ImGui assertion throws std::logic_error.
class Gui {
 public:
  // `height` of the surface in pixels sets the size of the text; so does `scale`, how large the display draws things,
  // when it is larger than 1.
  explicit Gui(int height, float scale = 1.0f);
  ~Gui();
  Gui(const Gui&) = delete;
  Gui& operator=(const Gui&) = delete;

  void begin();  // after the surface told ImGui its size, time and input
  void end();    // draw into the framebuffer bound now

  const Fonts& fonts() const { return fonts_; }

 private:
  ImGuiContext* imgui_ = nullptr;
  ImPlotContext* implot_ = nullptr;
  Fonts fonts_;
};

}  // namespace reverie::viewer
