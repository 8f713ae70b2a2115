// Which panels are shown, the theme, and a way back to how it was at first.
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

constexpr int kColumns = 3;

void draw(ViewerContext& context, const Rect&) {
  if (ImGui::BeginTable("panels", kColumns)) {
    for (const Panel* panel : context.possible) {
      if (panel->place == Place::kOverlay || panel->place == Place::kHeader || panel->place == Place::kBanner)
        continue;
      ImGui::TableNextColumn();
      bool shown = is_shown(*panel, context.layout);
      if (checkbox(context, panel->name, &shown)) show_panel(*panel, context.layout, shown);
    }
    ImGui::EndTable();
  }
  section_heading(context, "Theme and sizes");
  checkbox(context, "light theme", &context.layout.light);
  ImGui::BeginDisabled(context.docking.moved());  // then borders are dragged
  slider(context, "views", &context.layout.views_share, 0.2f, 0.9f, "views take %.2f of the height");
  slider(context, "side", &context.layout.side_width, 10.0f, 60.0f, "side column: %.0f text sizes wide");
  ImGui::EndDisabled();
  ImGui::TextDisabled("Drag a window by its title or upper left corner, borders between windows, and tabs.");
  if (button(context, "As at first")) {
    context.layout = {};
    context.docking.forget();
  }
}

}  // namespace

Panel layout_panel() {
  return {.name = "layout",
          .heading = "Panels",
          .place = Place::kOverlay,
          .needs = Needs::kPanelList,
          .draw = draw};
}

}  // namespace reverie::viewer
