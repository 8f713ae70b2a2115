// The help: every key of the panels shown, and what it does, over the views.
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

constexpr int kColumns = 3;

void draw(ViewerContext& context, const Rect&) {
  if (!ImGui::BeginTable("keys", kColumns)) return;
  for (const PlacedPanel& placed : context.placed) {
    if (placed.panel->actions.empty()) continue;
    ImGui::TableNextColumn();
    ImGui::PushFont(context.fonts.bold, 0.0f);
    ImGui::TextUnformatted(placed.panel->name);
    ImGui::PopFont();
    const float left = ImGui::GetCursorPosX();
    for (const Action& action : placed.panel->actions) {
      ImGui::TextUnformatted(action.keys);
      ImGui::SameLine(left + context.fonts.size * 7.0f);
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
