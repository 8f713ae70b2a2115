// The line on top: task, run and checkpoint, episode and time.
#include <fmt/format.h>

#include <string>

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

void toggle(ViewerContext& context, Overlay overlay) {
  context.overlay = context.overlay == overlay ? Overlay::kNone : overlay;
}
void toggle_help(ViewerContext& context) { toggle(context, Overlay::kHelp); }
void toggle_panels(ViewerContext& context) { toggle(context, Overlay::kPanels); }
void take_picture(ViewerContext& context) { context.asked.picture = true; }
void film(ViewerContext& context) { context.asked.film = true; }
void copy_command(ViewerContext& context) { context.asked.copy_command = true; }

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
  return {.name = "header",
          .place = Place::kHeader,
          .needs = Needs::kAlways,
          .draw = draw,
          .actions = {
              {"F1", "this help", {{ImGuiKey_F1, toggle_help}}},
              {"F2", "panels and theme", {{ImGuiKey_F2, toggle_panels}}},
              {"ctrl p", "picture into a file", {{ImGuiMod_Ctrl | ImGuiKey_P, take_picture}}},
              {"ctrl r", "begin, end a film", {{ImGuiMod_Ctrl | ImGuiKey_R, film}}},
              {"ctrl c", "copy the command that shows this", {{ImGuiMod_Ctrl | ImGuiKey_C, copy_command}}}}};
}

}  // namespace reverie::viewer
