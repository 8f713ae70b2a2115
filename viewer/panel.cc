#include "viewer/panel.h"

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

bool met(Needs needs, const ViewerContext& context) {
  if (context.nothing_open && needs != Needs::kNothingOpen && needs != Needs::kAlways &&
      needs != Needs::kError)
    return false;
  switch (needs) {
    case Needs::kNothing:
    case Needs::kAlways:
      return true;
    case Needs::kNothingOpen:
      return context.nothing_open;
    case Needs::kError:
      return !context.error.empty();
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

void draw_panel(const PlacedPanel& placed, ViewerContext& context) {
  const auto& [panel, rect] = placed;
  if (panel->edge) ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  const char* window = panel->place == Place::kSide ? "side" : panel->name;
  begin_panel(window, rect.position, rect.size, context.fonts, panel->heading);
  context.controls.panel = panel->name;
  panel->draw(context, rect);
  end_panel();
  if (panel->edge) ImGui::PopStyleVar();
}

}  // namespace

std::vector<PlacedPanel> place_panels(std::span<const Panel> panels, const ViewerContext& context,
                                      float width, float height) {
  std::vector<PlacedPanel> placed;
  std::vector<Tile> tiles;
  for (const Panel& panel : panels) {
    if (!met(panel.needs, context)) continue;
    placed.push_back({&panel, {}});
    tiles.push_back({panel.place, panel.share});
  }
  const std::vector<Rect> rects = make_layout(tiles, width, height, context.fonts.size);
  for (size_t i = 0; i < placed.size(); ++i) placed[i].rect = rects[i];
  return placed;
}

void handle_keys(ViewerContext& context) {
  if (ImGui::GetIO().WantTextInput) return;
  for (const PlacedPanel& placed : context.placed) {
    for (const Action& action : placed.panel->actions) {
      for (const KeyBinding& binding : action.bindings) {
        if (drives_with(context, binding.key)) continue;
        if (ImGui::IsKeyPressed(binding.key, binding.repeats)) binding.act(context);
      }
    }
  }
}

void draw_panels(ViewerContext& context) {
  context.controls.placed.clear();
  for (const PlacedPanel& placed : context.placed) draw_panel(placed, context);
}

}  // namespace reverie::viewer
