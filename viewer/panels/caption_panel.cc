// What a script says of what it shows.
#include "viewer/context.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect& rect) {
  ImGui::PushFont(context.fonts.bold, context.fonts.size * 1.25f);
  ImGui::SetCursorPosY((rect.size.y - ImGui::GetTextLineHeight()) / 2);
  ImGui::TextUnformatted(context.caption.c_str());
  ImGui::PopFont();
}

}  // namespace

Panel caption_panel() {
  return {.name = "caption", .place = Place::kBanner, .needs = Needs::kCaption, .draw = draw};
}

}  // namespace reverie::viewer
