// Time: pause, single steps, speed, episodes. The keys are those of MuJoCo's simulate where it has them.
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
  section_heading(context, "Time");
  Playback& playback = context.playback;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float half = (ImGui::GetContentRegionAvail().x - gap) / 2;
  if (button(context, "Pause", {half, 0}, playback.paused ? "Play" : "Pause")) toggle_pause(context);
  ImGui::SameLine();
  if (button(context, "Step", {half, 0})) step_once(context);
  if (button(context, "Restart", {half, 0})) restart(context);
  ImGui::SameLine();
  if (button(context, "Next episode", {half, 0})) next_episode(context);
  ImGui::TextDisabled("speed");
  auto speed = static_cast<float>(playback.speed);
  if (slider(context, "Speed", &speed, static_cast<float>(kSlowest), static_cast<float>(kFastest), "%.3g x",
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
