// Time: pause, single steps, speed, episodes. The keys are those of MuJoCo's simulate where it has them.
#include <fmt/format.h>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void toggle_pause(ViewerContext& context) { context.playback.paused = !context.playback.paused; }
void step_once(ViewerContext& context) {
  context.playback.paused = true;
  ++context.playback.single_steps;
}
void faster(ViewerContext& context) { change_speed(context.playback, 2); }
void slower(ViewerContext& context) { change_speed(context.playback, 0.5); }
void restart(ViewerContext& context) { context.playback.restart = true; }
void next_episode(ViewerContext& context) { context.playback.next = true; }

void draw(ViewerContext& context, const Rect&) {
  section_heading(context.fonts, "Time");
  Playback& playback = context.playback;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float half = (ImGui::GetContentRegionAvail().x - gap) / 2;
  if (ImGui::Button(playback.paused ? "Play###pause" : "Pause###pause", {half, 0})) toggle_pause(context);
  ImGui::SameLine();
  if (ImGui::Button("Step", {half, 0})) step_once(context);
  if (ImGui::Button("Restart", {half, 0})) restart(context);
  ImGui::SameLine();
  if (ImGui::Button("Next episode", {half, 0})) next_episode(context);
  value_row("speed", fmt::format("{:.3g} x", playback.speed), context.fonts.text);
  auto speed = static_cast<float>(playback.speed);
  ImGui::SetNextItemWidth(-1);
  if (ImGui::SliderFloat("##speed", &speed, static_cast<float>(kSlowest), static_cast<float>(kFastest), "",
                         ImGuiSliderFlags_Logarithmic)) {
    playback.speed = speed;
  }
}

}  // namespace

Panel time_panel() {
  return {.name = "time",
          .place = Place::kSide,
          .draw = draw,
          .actions = {
              {"space", "pause, play", {{ImGuiKey_Space, toggle_pause}}},
              {"right", "one step", {{ImGuiKey_RightArrow, step_once, true}}},
              {"+  -",
               "speed",
               {{ImGuiKey_Equal, faster},
                {ImGuiKey_KeypadAdd, faster},
                {ImGuiKey_Minus, slower},
                {ImGuiKey_KeypadSubtract, slower}}},
              {"backspace", "restart", {{ImGuiKey_Backspace, restart}}},
              {"n", "next episode", {{ImGuiKey_N, next_episode}}},
          }};
}

}  // namespace reverie::viewer
