// The line on top: task, run and checkpoint, episode and time.
#include <fmt/format.h>

#include <string>

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect& rect) {
  const float line = (rect.size.y - ImGui::GetTextLineHeight()) / 2;
  ImGui::SetCursorPosY(line);
  ImGui::PushFont(context.fonts.bold, 0.0f);
  ImGui::TextUnformatted(context.title.c_str());
  ImGui::PopFont();
  ImGui::SameLine(0, context.fonts.size);
  if (context.films) {
    ImGui::TextColored(palette::kBad, "filming");
    ImGui::SameLine(0, context.fonts.size);
  }
  ImGui::TextDisabled("%s", context.notice.empty() ? context.subtitle.c_str() : context.notice.c_str());

  if (context.nothing_open) return;
  const TwinView& twin = context.twin;
  const int64_t control_steps = twin.steps() * twin.control_steps();
  const std::string when =
      fmt::format("episode {}   {:6.2f} s   step {:4} / {}", twin.episode(), twin.history().time.back(),
                  control_steps, twin.episode_steps() * twin.control_steps());
  ImGui::PushFont(context.fonts.number, 0.0f);
  ImGui::SameLine(rect.size.x - ImGui::CalcTextSize(when.c_str()).x - context.fonts.size);
  ImGui::TextUnformatted(when.c_str());
  ImGui::PopFont();
}

}  // namespace

Panel header_panel() {
  return {.name = "header", .place = Place::kHeader, .needs = Needs::kAlways, .draw = draw};
}

}  // namespace reverie::viewer
