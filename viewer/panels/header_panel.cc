#include "viewer/panels/header_panel.h"

#include <fmt/format.h>

#include <string>

namespace reverie::viewer {

void header_panel(ViewerContext& context) {
  const Rect& rect = context.layout.header;
  begin_panel("header", rect.position, rect.size, context.fonts, "");
  const float line = (rect.size.y - ImGui::GetTextLineHeight()) / 2;
  ImGui::SetCursorPosY(line);
  ImGui::PushFont(context.fonts.bold, 0.0f);
  ImGui::TextUnformatted(context.title.c_str());
  ImGui::PopFont();
  ImGui::SameLine(0, context.fonts.size);
  ImGui::TextDisabled("%s", context.subtitle.c_str());

  const Twin& twin = context.twin;
  const int64_t control_steps = twin.steps() * twin.physics().control_steps();
  const std::string when = fmt::format("episode {}   {:6.2f} s   step {:4} / {}", twin.episode(),
                                       twin.history().time.back(), control_steps, twin.spec().episode_steps);
  ImGui::PushFont(context.fonts.number, 0.0f);
  ImGui::SameLine(rect.size.x - ImGui::CalcTextSize(when.c_str()).x - context.fonts.size);
  ImGui::TextUnformatted(when.c_str());
  ImGui::PopFont();
  end_panel();
}

}  // namespace reverie::viewer
