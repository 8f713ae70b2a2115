// The help: every key of the panels shown, and what it does.
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  section_heading(context.fonts, "Keys");
  for (const PlacedPanel& placed : context.placed) {
    for (const Action& action : placed.panel->actions) {
      ImGui::TextColored(palette::kText, "%s", action.keys);
      ImGui::SameLine(context.fonts.size * 6.0f);
      ImGui::TextDisabled("%s", action.label);
    }
  }
}

}  // namespace

Panel keys_panel() { return {.name = "keys", .place = Place::kSide, .draw = draw}; }

}  // namespace reverie::viewer
