// The help: every key of the panels shown, and what it does, over the views.
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

constexpr int kColumns = 3;

void toggle(ViewerContext& context) {
  context.overlay = context.overlay == Overlay::kHelp ? Overlay::kNone : Overlay::kHelp;
}

void toggle_panels(ViewerContext& context) {
  context.overlay = context.overlay == Overlay::kPanels ? Overlay::kNone : Overlay::kPanels;
}
void take_picture(ViewerContext& context) { context.asked.picture = true; }
void film(ViewerContext& context) { context.asked.film = true; }
void copy_command(ViewerContext& context) { context.asked.copy_command = true; }

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

// Always there, without a place of its own: its keys open the overlays.
Panel overlays_panel() {
  return {.name = "window",
          .place = Place::kNowhere,
          .needs = Needs::kAlways,
          .actions = {
              {"F1", "this help", {{ImGuiKey_F1, toggle}}},
              {"F2", "panels and theme", {{ImGuiKey_F2, toggle_panels}}},
              {"ctrl p", "picture into a file", {{ImGuiMod_Ctrl | ImGuiKey_P, take_picture}}},
              {"ctrl r", "begin, end a film", {{ImGuiMod_Ctrl | ImGuiKey_R, film}}},
              {"ctrl c", "copy the command that shows this", {{ImGuiMod_Ctrl | ImGuiKey_C, copy_command}}}}};
}

}  // namespace reverie::viewer
