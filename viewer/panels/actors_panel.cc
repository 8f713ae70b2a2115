// Who chooses the actions: the run's policy at any think level, a recording, or no policy at all.
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "Who acts");
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float third = (ImGui::GetContentRegionAvail().x - 2 * gap) / 3;
  int in_row = 0;  // a name that is too long for a third has a row of its own
  for (int i = 0; i < static_cast<int>(context.actors.size()); ++i) {
    const std::string& name = context.actors[static_cast<size_t>(i)].name;
    const bool wide = ImGui::CalcTextSize(name.c_str()).x > third;
    if (wide) in_row = 0;
    if (in_row % 3 != 0) ImGui::SameLine();
    const bool acts = i == context.actor;
    if (acts) ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_ButtonActive));
    if (acts) ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_Text));
    if (button(context, name.c_str(), {wide ? -1 : third, 0})) context.asked.actor = i;
    in_row = wide ? 0 : in_row + 1;
    if (acts) ImGui::PopStyleColor(2);
  }
}

}  // namespace

Panel actors_panel() { return {.name = "acts", .place = Place::kSide, .draw = draw}; }

}  // namespace reverie::viewer
