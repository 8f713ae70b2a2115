// Who chooses the actions: the run's policy at any think level, a recording, or no policy at all.
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  section_heading(context.fonts, "Who acts");
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float third = (ImGui::GetContentRegionAvail().x - 2 * gap) / 3;
  for (int i = 0; i < static_cast<int>(context.actors.size()); ++i) {
    if (i % 3 != 0) ImGui::SameLine();
    const bool acts = i == context.actor;
    if (acts) ImGui::PushStyleColor(ImGuiCol_Button, palette::kLine);
    if (acts) ImGui::PushStyleColor(ImGuiCol_Text, palette::kGood);
    if (button(context, context.actors[static_cast<size_t>(i)].name.c_str(), {third, 0}))
      context.asked.actor = i;
    if (acts) ImGui::PopStyleColor(2);
  }
}

}  // namespace

Panel actors_panel() { return {.name = "acts", .place = Place::kSide, .draw = draw}; }

}  // namespace reverie::viewer
