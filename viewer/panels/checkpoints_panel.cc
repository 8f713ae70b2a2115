// The checkpoints of the run: which one is shown, another one, the newest as soon as it is there.
#include <fmt/format.h>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

int last(const Checkpoints& checkpoints) { return static_cast<int>(checkpoints.names.size()) - 1; }

void show(ViewerContext& context, int index) {
  Checkpoints& checkpoints = context.checkpoints;
  if (index < 0 || index > last(checkpoints) || index == checkpoints.shown) return;
  context.asked.checkpoint = index;
  checkpoints.follow = checkpoints.follow && index == last(checkpoints);
}

void newer(ViewerContext& context) { show(context, context.checkpoints.shown + 1); }
void older(ViewerContext& context) { show(context, context.checkpoints.shown - 1); }
void newest(ViewerContext& context) { show(context, last(context.checkpoints)); }

void draw(ViewerContext& context, const Rect&) {
  Checkpoints& checkpoints = context.checkpoints;
  section_heading(context, "Checkpoint");
  const std::string name =
      checkpoints.shown < 0 ? "" : checkpoints.names[static_cast<size_t>(checkpoints.shown)];
  value_row(checkpoints.live ? "in training" : "of a training",
            fmt::format("{}  ({} of {})", name, checkpoints.shown + 1, checkpoints.names.size()),
            context.fonts.text, checkpoints.live ? palette::kGood : ImGui::GetStyleColorVec4(ImGuiCol_Text));
  const float third = (ImGui::GetContentRegionAvail().x - 2 * ImGui::GetStyle().ItemSpacing.x) / 3;
  if (button(context, "Older", {third, 0})) older(context);
  ImGui::SameLine();
  if (button(context, "Newer", {third, 0})) newer(context);
  ImGui::SameLine();
  if (button(context, "Newest", {third, 0})) newest(context);
  checkbox(context, "go on to new ones", &checkpoints.follow);
}

}  // namespace

Panel checkpoints_panel() {
  return {
      .name = "checkpoints",
      .place = Place::kSide,
      .needs = Needs::kCheckpoints,
      .draw = draw,
      .actions = {
          {"up  down", "newer, older checkpoint", {{ImGuiKey_UpArrow, newer}, {ImGuiKey_DownArrow, older}}},
          {"end", "newest checkpoint", {{ImGuiKey_End, newest}}}}};
}

}  // namespace reverie::viewer
