// Controls: the buttons, boxes and sliders that panels drew, by name.
// A control is called "panel/label". Scripts find it by that name, so the functions below draw a control and list it.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <vector>

#include "viewer/layout.h"

namespace reverie::viewer {

struct ViewerContext;

struct PlacedControl {
  std::string name;      // "panel/label"
  Rect rect;             // on the surface
  bool visible = false;  // not scrolled out of its window
  bool enabled = true;
};

// What a frame drew, and what the next frame is asked to bring into view.
struct Controls {
  const char* panel = "";  // drawn now
  bool in_column = false;  // that panel: it can be taken out
  std::vector<PlacedControl> placed;
  std::string scroll_to;  // name of a control; empty: none

  const PlacedControl* find(std::string_view name) const;  // null: not drawn
};

// These draw a control of the panel that is being drawn. `label` is its name in scripts. What is shown may differ:
// `shown` of a button, null: the label. A slider has no text beside it and takes the width that is left; Ctrl and a
// click let a number be typed. True when the user changed it.
bool button(ViewerContext& context, const char* label, ImVec2 size = {-1, 0}, const char* shown = nullptr);
bool checkbox(ViewerContext& context, const char* label, bool* value);
bool slider(ViewerContext& context, const char* label, float* value, float low, float high,
            const char* format = "%.3g", ImGuiSliderFlags flags = 0);
bool slider(ViewerContext& context, const char* label, int* value, int low, int high,
            const char* format = "%d");

// Lists the item that ImGui drew last as a control, for one that the functions above do not draw.
void list_control(ViewerContext& context, const char* label);

}  // namespace reverie::viewer
