// The help: every key of the panels shown, and what it does, over the views.
#include <algorithm>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

constexpr float kColumn = 24;  // sizes of the text

void draw(ViewerContext& context, const Rect& rect) {
  const int columns = std::clamp(static_cast<int>(rect.size.x / (kColumn * context.fonts.size)), 1, 4);
  if (!ImGui::BeginTable("keys", columns)) return;
  for (const PlacedPanel& placed : context.placed) {
    if (placed.panel->actions.empty()) continue;
    ImGui::TableNextColumn();
    ImGui::PushFont(context.fonts.bold, 0.0f);
    ImGui::TextUnformatted(placed.panel->name);
    ImGui::PopFont();
    const float left = ImGui::GetCursorPosX() + context.fonts.size * 7.0f;
    for (const Action& action : placed.panel->actions) {
      ImGui::TextUnformatted(action.keys);
      ImGui::SameLine();
      ImGui::SetCursorPosX(left);
      ImGui::TextDisabled("%s", action.label);
    }
  }
  ImGui::EndTable();
}

}  // namespace

Panel help_panel() {
  return {.name = "help", .heading = "Keys", .place = Place::kOverlay, .needs = Needs::kHelp, .draw = draw};
}

}  // namespace reverie::viewer
