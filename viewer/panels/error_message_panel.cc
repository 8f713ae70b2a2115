// Why something could not be opened. It goes when something is opened, or when it is dismissed.
#include "viewer/context.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect& rect) {
  const float wide = context.fonts.size * 6;
  ImGui::PushTextWrapPos(rect.size.x - wide - context.fonts.size);
  ImGui::TextColored(palette::kBad, "%s", context.error.c_str());
  ImGui::PopTextWrapPos();
  ImGui::SetCursorPos({rect.size.x - wide, context.fonts.size * 0.5f});
  if (button(context, "Dismiss", {wide - context.fonts.size, 0})) context.error.clear();
}

}  // namespace

Panel error_message_panel() {
  return {.name = "message", .place = Place::kBanner, .needs = Needs::kError, .draw = draw};
}

}  // namespace reverie::viewer
