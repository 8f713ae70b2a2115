#include "viewer/panel.h"

#include <imgui_internal.h>

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

bool met(Needs needs, const ViewerContext& context) {
  if (context.nothing_open && needs != Needs::kNothingOpen && needs != Needs::kAlways &&
      needs != Needs::kError && needs != Needs::kCaption)
    return false;
  switch (needs) {
    case Needs::kNothing:
    case Needs::kAlways:
      return true;
    case Needs::kTask:
      return context.of_task;
    case Needs::kGlance:
      return context.glance.has_value();
    case Needs::kOthers:
      return !context.twin.others().empty();
    case Needs::kHelp:
      return context.overlay == Overlay::kHelp;
    case Needs::kPanelList:
      return context.overlay == Overlay::kPanels;
    case Needs::kNothingOpen:
      return context.nothing_open;
    case Needs::kError:
      return !context.error.empty();
    case Needs::kCaption:
      return !context.caption.empty();
    case Needs::kRecording:
      return context.twin.recording().steps > 0;
    case Needs::kCheckpoints:
      return !context.checkpoints.names.empty();
    case Needs::kDream:
      return context.twin.has_dream();
    case Needs::kNoDream:
      return !context.twin.has_dream();
    case Needs::kRun:
      return context.learning.has_value();
  }
  return false;
}

// Shift alone is no other key: it writes the + of many keyboards.
bool pressed(const ViewerContext& context, const KeyBinding& binding) {
  constexpr int kModifiers = ImGuiMod_Ctrl | ImGuiMod_Alt | ImGuiMod_Super;
  const auto key = static_cast<ImGuiKey>(binding.key & ~ImGuiMod_Mask_);
  if ((ImGui::GetIO().KeyMods & kModifiers) != (binding.key & kModifiers)) return false;
  return !drives_with(context, key) && ImGui::IsKeyPressed(key, binding.repeats);
}

void draw_panel(const PlacedPanel& placed, ViewerContext& context) {
  const auto& [panel, rect] = placed;
  if (panel->draw == nullptr || rect.size.x < 1 || rect.size.y < 1) return;
  if (panel->edge) ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  const char* window = panel->place == Place::kSide ? "side" : panel->name;
  const bool scrolls = panel->place == Place::kSide || panel->place == Place::kOverlay;
  begin_panel(window, rect.position, rect.size, context.fonts, panel->heading, scrolls);
  if (panel->place == Place::kOverlay) ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
  context.controls.panel = panel->name;
  ImGui::PushID(panel->name);  // panels share a window, and labels may be the same
  panel->draw(context, rect);
  ImGui::PopID();
  end_panel();
  if (panel->edge) ImGui::PopStyleVar();
}

}  // namespace

bool is_shown(const Panel& panel, const LayoutSettings& layout) {
  const auto chosen = layout.shown.find(panel.name);
  return chosen == layout.shown.end() ? !panel.hidden : chosen->second;
}

std::vector<PlacedPanel> place_panels(std::span<const Panel> panels, ViewerContext& context, float width,
                                      float height) {
  std::vector<PlacedPanel> placed;
  std::vector<Tile> tiles;
  context.possible.clear();
  for (const Panel& panel : panels) {
    if (!met(panel.needs, context)) continue;
    context.possible.push_back(&panel);
    if (!is_shown(panel, context.layout)) continue;
    placed.push_back({&panel, {}});
    const int others = static_cast<int>(context.twin.others().size());
    tiles.push_back({panel.place, panel.share > 0 ? panel.share : others});
  }
  const std::vector<Rect> rects = make_layout(tiles, width, height, context.fonts.size,
                                              {context.layout.views_share, context.layout.side_width});
  for (size_t i = 0; i < placed.size(); ++i) placed[i].rect = rects[i];
  return placed;
}

void handle_keys(ViewerContext& context) {
  if (ImGui::GetIO().WantTextInput) return;
  for (const PlacedPanel& placed : context.placed) {
    for (const Action& action : placed.panel->actions) {
      for (const KeyBinding& binding : action.bindings) {
        if (pressed(context, binding)) binding.act(context);
      }
    }
  }
}

void draw_panels(ViewerContext& context) {
  context.controls.placed.clear();
  for (const PlacedPanel& placed : context.placed) draw_panel(placed, context);
}

}  // namespace reverie::viewer
