// Keyframes: poses of the model's file, and those that the user keeps. A pose is loaded as a branch of its own.
#include <algorithm>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void copy(ViewerContext& context) {
  ImGui::SetClipboardText(to_xml(context.keys[static_cast<size_t>(context.key)]).c_str());
}

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "Keyframes");
  const int last = static_cast<int>(context.keys.size()) - 1;
  if (last >= 0) {
    context.key = std::clamp(context.key, 0, last);
    value_row("key", context.keys[static_cast<size_t>(context.key)].name, context.fonts.text);
    slider(context, "Key", &context.key, 0, last);
    const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
    if (button(context, "Load key", {half, 0})) context.key_request.load = true;
    ImGui::SameLine();
    if (button(context, "Copy key", {half, 0})) copy(context);
  }
  if (button(context, "Keep this pose")) context.key_request.keep = true;
}

}  // namespace

Panel keys_panel() { return {.name = "keys", .place = Place::kSide, .draw = draw}; }

}  // namespace reverie::viewer
