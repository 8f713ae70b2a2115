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

// Episode, time and step; empty while nothing is open.
std::string moment(const ViewerContext& context) {
  if (context.nothing_open) return "";
  const TwinView& twin = context.twin;
  const int64_t steps = twin.steps() * twin.control_steps(),
                limit = twin.episode_steps() * twin.control_steps();
  std::string text =
      fmt::format("episode {}   {:6.2f} s   step {:4}", twin.episode(), twin.history().time.back(), steps);
  if (limit > 0) text += fmt::format(" / {}", limit);
  return text;
}

void draw(ViewerContext& context, const Rect& rect) {
  const std::string when = moment(context);
  ImGui::PushFont(context.fonts.number, 0.0f);
  const float when_left = rect.size.x - ImGui::CalcTextSize(when.c_str()).x - context.fonts.size;
  ImGui::PopFont();
  const float line = (rect.size.y - ImGui::GetTextLineHeight()) / 2;
  ImGui::SetCursorPosY(line);
  bold_text(context.fonts, context.title.c_str());
  ImGui::SameLine(0, context.fonts.size);
  if (context.films) {
    ImGui::TextColored(palette::kBad, "filming");
    ImGui::SameLine(0, context.fonts.size);
  }
  const ImVec2 after_title = ImGui::GetCursorScreenPos();
  const bool room_for_both = after_title.x + 4 * context.fonts.size < rect.position.x + when_left;
  const float end =
      room_for_both ? rect.position.x + when_left - context.fonts.size : rect.position.x + rect.size.x;
  ImGui::PushClipRect(after_title, {end, rect.position.y + rect.size.y}, true);
  ImGui::TextDisabled("%s", context.notice.empty() ? context.subtitle.c_str() : context.notice.c_str());
  ImGui::PopClipRect();
  if (!room_for_both) return;
  ImGui::PushFont(context.fonts.number, 0.0f);
  ImGui::SameLine(when_left);
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
