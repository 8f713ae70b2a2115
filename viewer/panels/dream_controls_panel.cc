// Controls of the dream: anchors, which world drives, how the ghost looks.
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void anchor(ViewerContext& context) { context.playback.anchor = true; }
void toggle_ghost(ViewerContext& context) { context.show_ghost = !context.show_ghost; }

void draw(ViewerContext& context, const Rect&) {
  const TwinView& twin = context.twin;
  section_heading(context, "Dream");
  int every = twin.anchor_every();
  ImGui::TextDisabled("re-anchor every");
  if (slider(context, "Anchor every", &every, 0, 200, every > 0 ? "%d steps" : "never"))
    context.stepper.request([every](Twin& t, Playback&) { t.anchor_every = every; });
  if (button(context, "Anchor now")) anchor(context);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {2, 2});
  if (twin.dream_can_drive()) {
    bool dream = twin.driver() == Driver::kDream;
    if (checkbox(context, "the dream chooses the actions", &dream)) {
      context.stepper.request(
          [dream](Twin& t, Playback&) { t.driver = dream ? Driver::kDream : Driver::kPhysics; });
    }
  }
  checkbox(context, "ghost over the robot", &context.show_ghost);
  ImGui::BeginDisabled(!context.show_ghost);
  checkbox(context, "red where it is off", &context.colour_by_error);
  ImGui::EndDisabled();
  ImGui::PopStyleVar();
}

}  // namespace

Panel dream_controls_panel() {
  return {.name = "dream controls",
          .place = Place::kSide,
          .needs = Needs::kDream,
          .draw = draw,
          .actions = {{"a  g", "anchor, ghost", {{ImGuiKey_A, anchor}, {ImGuiKey_G, toggle_ghost}}}}};
}

}  // namespace reverie::viewer
