#include "viewer/panel.h"

#include <imgui_internal.h>

#include <algorithm>
#include <string_view>

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

constexpr const char* kColumn = "controls";  // the window that panels of Place::kSide share

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

bool in_column(const PlacedPanel& placed) {
  return placed.window != nullptr && std::string_view(placed.window) == kColumn;
}

void draw_content(const Panel& panel, ViewerContext& context, const Rect& rect) {
  context.controls.panel = panel.name;
  ImGui::PushID(panel.name);  // panels share a window, and labels may be the same
  panel.draw(context, rect);
  ImGui::PopID();
}

// A panel that stands where it stands.
void draw_fixed(const PlacedPanel& placed, ViewerContext& context) {
  const auto& panel = *placed.panel;
  const Rect& rect = placed.rect;
  if (rect.size.x < 1 || rect.size.y < 1) return;
  const bool over = panel.place == Place::kOverlay;
  if (panel.edge) ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  begin_panel(placed.window != nullptr ? placed.window : panel.name, rect.position, rect.size, context.fonts,
              panel.heading, over || panel.place == Place::kSide);
  if (over) ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
  context.controls.in_column = in_column(placed);
  draw_content(panel, context, rect);
  end_panel();
  if (panel.edge) ImGui::PopStyleVar();
}

void close(const PlacedPanel& placed, ViewerContext& context) {
  if (context.layout.apart.erase(placed.panel->name) == 0) show_panel(*placed.panel, context.layout, false);
}

// A panel that the mouse can move.
void draw_docked(PlacedPanel& placed, ViewerContext& context) {
  if (!placed.begins) return;
  const Panel& panel = *placed.panel;
  const bool column = in_column(placed);
  if (panel.edge) ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  bool open = true;
  if (begin_docked(placed.window, column ? nullptr : &open, context.fonts, panel.heading,
                   panel.place == Place::kSide)) {
    const ImRect& inner = ImGui::GetCurrentWindow()->InnerRect;
    placed.rect = {inner.Min, inner.GetSize()};
    context.controls.in_column = column;
    draw_content(panel, context, placed.rect);
    finish_docked();
  } else {
    placed.rect = {};
  }
  end_panel();
  if (panel.edge) ImGui::PopStyleVar();
  if (!open) close(placed, context);
}

bool can_dock(Place place) {
  return place == Place::kViews || place == Place::kPlots || place == Place::kSide;
}

// The panels of the column share one window.
void dock(ViewerContext& context, std::vector<PlacedPanel>& placed, const Rect& area) {
  std::vector<DockWindow> windows;
  for (PlacedPanel& one : placed) {
    const Panel& panel = *one.panel;
    if (!can_dock(panel.place)) continue;
    const bool apart = panel.place == Place::kSide && context.layout.apart.contains(panel.name);
    one.window = panel.place == Place::kSide && !apart ? kColumn : panel.name;
    if (std::ranges::find(windows, std::string_view(one.window), &DockWindow::name) == windows.end())
      windows.push_back({one.window, panel.place, apart ? Rect{} : one.rect, apart});
  }
  context.docking.place(windows, area);
  for (PlacedPanel& one : placed) {
    if (one.window == nullptr) continue;
    const auto window = std::ranges::find(windows, std::string_view(one.window), &DockWindow::name);
    one.rect = window->rect;
    one.docked = !window->free;
    one.begins = window->begins;
  }
}

}  // namespace

bool is_shown(const Panel& panel, const LayoutSettings& layout) {
  const auto chosen = layout.shown.find(panel.name);
  return chosen == layout.shown.end() ? !panel.hidden : chosen->second;
}

void show_panel(const Panel& panel, LayoutSettings& layout, bool shown) {
  if (shown == panel.hidden) {
    layout.shown[panel.name] = shown;
  } else {
    layout.shown.erase(panel.name);
  }
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
  tiles.push_back({Place::kWhole});  // what can be docked
  const std::vector<Rect> rects = make_layout(tiles, width, height, context.fonts.size,
                                              {context.layout.views_share, context.layout.side_width});
  for (size_t i = 0; i < placed.size(); ++i) placed[i].rect = rects[i];
  dock(context, placed, rects.back());
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
  for (PlacedPanel& placed : context.placed) {
    if (placed.docked) {
      draw_docked(placed, context);
    } else {
      draw_fixed(placed, context);
    }
  }
}

}  // namespace reverie::viewer
